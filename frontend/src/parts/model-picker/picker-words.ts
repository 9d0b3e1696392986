// What the picker says of models and providers.
import type { TFunction } from '../../i18n/use-translation'
import { duration } from '../../lib/format'
import type { DotState } from '../../ui/state-dot'
import type { Entry, EntryState, Source } from './catalog'

const DOTS: Record<EntryState, DotState> = {
  loaded: 'filled',
  remote: 'ring',
  loading: 'half',
  'not-loaded': 'hollow',
  down: 'bad',
}

export function dotOf(state: EntryState): DotState {
  return DOTS[state]
}

type Translate = TFunction<'picker'>

export function stateWord(state: EntryState, t: Translate): string {
  switch (state) {
    case 'loaded':
      return t('state.loaded')
    case 'remote':
      return t('state.remote')
    case 'loading':
      return t('state.loading')
    case 'not-loaded':
      return t('state.notLoaded')
    case 'down':
      return t('state.down')
  }
}

/** "12 models", "not answering for 3 min, list from 14:02". */
export function stateLine(source: Source, models: number, now: number, t: Translate, language: string): string {
  const time = source.since === null ? null : coarse(now - source.since, language)
  switch (source.state) {
    case 'ok':
      return t('source.ok', { count: models })
    case 'asking':
      return t('source.asking')
    case 'failing':
      return time === null ? t('source.failing') : t('source.failingFor', { time })
    case 'down':
      return time === null ? t('source.down') : t('source.downFor', { time })
    case 'stale': {
      const down = time === null ? t('source.down') : t('source.downFor', { time })
      return source.listedAt === null
        ? down
        : `${down}, ${t('source.listFrom', { time: clock(source.listedAt, now, language) })}`
    }
  }
}

/** Whole minutes from the first on: a figure that jumps every second says no more. */
function coarse(ms: number, language: string): string {
  const rounded = ms < 60_000 ? Math.max(1000, Math.floor(ms / 1000) * 1000) : Math.floor(ms / 60_000) * 60_000
  return duration(rounded, language)
}

function clock(at: number, now: number, language: string): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString()
  const format = new Intl.DateTimeFormat(
    language,
    isToday ? { timeStyle: 'short' } : { dateStyle: 'short', timeStyle: 'short' },
  )
  return format.format(at)
}

/** The context in use, else the largest possible; null where nobody says. */
export function contextOf({ model }: Entry): number | null {
  return model.loaded_context_length ?? model.max_context_length
}

export function isToy({ model }: Entry): boolean {
  return model.capabilities.includes('toy')
}
