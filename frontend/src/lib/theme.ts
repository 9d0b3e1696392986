import { isOneOf, remembered, useRemembered } from './storage'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const place = remembered<Theme>('theme', 'system', isOneOf(...THEMES))

/** The chosen theme. public/theme.js reads the same place and sets data-theme, also before this code is loaded. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, write] = useRemembered(place)
  return [
    theme,
    (chosen) => {
      write(chosen)
      dispatchEvent(new Event('pb-theme'))
    },
  ]
}
