/** As the contract counts them: 1 is Monday. */
export const WEEK = [1, 2, 3, 4, 5, 6, 7] as const

export function weekdayName(day: number, language: string, width: 'short' | 'long'): string {
  // The first of January 2024 was a Monday.
  return new Intl.DateTimeFormat(language, { weekday: width, timeZone: 'UTC' }).format(Date.UTC(2024, 0, day))
}
