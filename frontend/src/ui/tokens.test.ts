// The contrasts that tokens.css promises, in both themes.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

type Colour = [lightness: number, chroma: number, hue: number]

const css = readFileSync('src/ui/tokens.css', 'utf8')
const themes: Record<string, Map<string, Colour>> = { light: block(':root'), dark: block(':root[data-theme="dark"]') }
themes['dark, floating'] = new Map([...(themes.dark ?? []), ...block(':root[data-theme="dark"] .shadow-float')])

function block(selector: string): Map<string, Colour> {
  const start = css.indexOf(`\n${selector} {`)
  if (start === -1) throw new Error(`tokens.css has no ${selector}`)
  return tokensIn(css.slice(start, css.indexOf('}', start)))
}

/** Opaque colours by name. */
function tokensIn(body: string): Map<string, Colour> {
  const found = body.matchAll(/--([\w-]+): oklch\(([\d.]+) ([\d.]+) ([\d.]+)\);/g)
  return new Map([...found].map(([, name, l, c, h]) => [name ?? '', [Number(l), Number(c), Number(h)]]))
}

/** Linear sRGB; values beyond 0 to 1 are outside what a screen shows. https://bottosson.github.io/posts/oklab/ */
function linear([lightness, chroma, hue]: Colour): number[] {
  const a = chroma * Math.cos((hue * Math.PI) / 180)
  const b = chroma * Math.sin((hue * Math.PI) / 180)
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
}

function luminance(colour: Colour): number {
  const [r = 0, g = 0, b = 0] = linear(colour).map((value) => Math.min(1, Math.max(0, value)))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** WCAG 2: 1 to 21. */
function contrast(one: Colour, other: Colour): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

describe.each(['light', 'dark', 'dark, floating'])('in the theme %s', (theme) => {
  const tokens = themes[theme] ?? new Map<string, Colour>()
  const colour = (name: string): Colour => {
    const found = tokens.get(name)
    if (found === undefined) throw new Error(`${theme} has no --${name}`)
    return found
  }
  const surfaces = ['surface-0', 'surface-1', 'surface-2', 'surface-3']
  const pairs = (names: string[], grounds: string[]) => names.flatMap((name) => grounds.map((ground) => [name, ground]))

  test.each(pairs(['text'], [...surfaces, 'accent-soft', 'bad-soft', 'warn-soft']))(
    '%s reads well on %s',
    (name, ground) => {
      expect(contrast(colour(name as string), colour(ground as string))).toBeGreaterThanOrEqual(7)
    },
  )

  test.each([
    ...pairs(['text-muted', 'accent', 'ok', 'warn', 'bad'], surfaces.slice(0, 3)),
    ...pairs(['text-muted'], ['surface-3', 'accent-soft']),
    ['accent-text', 'accent'],
    ['accent', 'accent-soft'],
    ['bad', 'bad-soft'],
    ['warn', 'warn-soft'],
    ['surface-1', 'text'],
  ])('labels in %s can be read on %s', (name, ground) => {
    expect(contrast(colour(name as string), colour(ground as string))).toBeGreaterThanOrEqual(4.5)
  })

  const cables = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `cable-${number}`)

  test.each(pairs(['control-line', ...cables], surfaces.slice(0, 3)))('%s is told from %s', (name, ground) => {
    expect(contrast(colour(name as string), colour(ground as string))).toBeGreaterThanOrEqual(3)
  })

  test('cables differ in hue alone', () => {
    const lightness = cables.map((name) => colour(name)[0])
    const hues = cables.map((name) => colour(name)[2]).sort((a, b) => a - b)
    const gaps = hues.map((hue, index) => ((hues[(index + 1) % hues.length] ?? 0) - hue + 360) % 360)

    expect(new Set(lightness).size).toBe(1)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(30)
  })

  test.each([...tokens.keys()])('a screen can show %s as it is written', (name) => {
    for (const value of linear(colour(name))) {
      expect(value).toBeGreaterThanOrEqual(-0.005)
      expect(value).toBeLessThanOrEqual(1.005)
    }
  })

  test.each(surfaces.concat('text', 'text-muted', 'line', 'control-line'))('%s is neutral', (name) => {
    expect(colour(name)[1]).toBeLessThanOrEqual(0.012)
  })
})

test('cables lose chroma in the dark, not lightness', () => {
  for (const number of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const [light, dark] = ['light', 'dark'].map((theme) => themes[theme]?.get(`cable-${number}`) ?? [0, 0, 0])
    expect(dark?.[0]).toBeGreaterThanOrEqual(light?.[0] ?? 1)
    expect(dark?.[1]).toBeLessThan(light?.[1] ?? 0)
    expect(dark?.[2]).toBe(light?.[2])
  }
})
