const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['second', 60],
  ['minute', 60],
  ['hour', 24],
  ['day', 7],
]

/** "now", "3 min. ago", "yesterday"; after a week the date. */
export function relativeTime(moment: Date, now: Date, language: string): string {
  let value = (moment.getTime() - now.getTime()) / 1000
  if (Math.abs(value) < 10) return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(0, 'second')
  for (const [unit, size] of STEPS) {
    if (Math.abs(value) < size) {
      return new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' }).format(Math.round(value), unit)
    }
    value /= size
  }
  const isThisYear = moment.getFullYear() === now.getFullYear()
  return new Intl.DateTimeFormat(language, {
    day: 'numeric',
    month: 'short',
    ...(!isThisYear && { year: 'numeric' }),
  }).format(moment)
}

export function exactTime(moment: Date, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' }).format(moment)
}
