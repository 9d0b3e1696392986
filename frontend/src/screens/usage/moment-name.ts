import type { Schemas } from '../../api/client'

export type Interval = Schemas['SeriesOut']['interval']

const SHORT: Record<Interval, Intl.DateTimeFormatOptions> = {
  minute: { hour: '2-digit', minute: '2-digit' },
  hour: { weekday: 'short', hour: '2-digit', minute: '2-digit' },
  day: { day: 'numeric', month: 'short' },
}
const LONG: Record<Interval, Intl.DateTimeFormatOptions> = {
  minute: { dateStyle: 'medium', timeStyle: 'short' },
  hour: { dateStyle: 'medium', timeStyle: 'short' },
  day: { dateStyle: 'full' },
}

/** When a point of a chart was, as precisely as its interval is. Days are the gateway's: they begin at 0:00 UTC. */
export function momentName(at: string, interval: Interval, language: string, { long = false } = {}): string {
  const zone = interval === 'day' ? { timeZone: 'UTC' } : {}
  return new Intl.DateTimeFormat(language, { ...(long ? LONG : SHORT)[interval], ...zone }).format(new Date(at))
}
