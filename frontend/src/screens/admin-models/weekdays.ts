/** As the contract counts them: 1 is Monday. */
export const WEEK = [1, 2, 3, 4, 5, 6, 7] as const

export function weekdayName(day: number, language: string, width: 'short' | 'long'): string {
  // The first of January 2024 was a Monday.
  return new Intl.DateTimeFormat(language, { weekday: width, timeZone: 'UTC' }).format(Date.UTC(2024, 0, day))
}

/** `Mon–Fri, Sun`: three and more in a row are a range. */
export function daysInWords(days: readonly number[], language: string): string {
  const name = (day: number) => weekdayName(day, language, 'short')
  return runsOf(days)
    .map(([first, last]) => {
      if (first === last) return name(first)
      return `${name(first)}${last - first > 1 ? '–' : ', '}${name(last)}`
    })
    .join(', ')
}

/** First and last day of each stretch of days that follow one another. */
function runsOf(days: readonly number[]): [number, number][] {
  const runs: [number, number][] = []
  for (const day of [...days].sort()) {
    const run = runs.at(-1)
    if (run !== undefined && run[1] === day - 1) run[1] = day
    else runs.push([day, day])
  }
  return runs
}
