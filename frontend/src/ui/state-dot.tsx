import { cn } from '../lib/cn'

export type DotState = 'filled' | 'ring' | 'half' | 'hollow' | 'bad' | 'warn' | 'ok'

const LOOKS: Record<DotState, string> = {
  filled: 'border-ok bg-ok',
  ok: 'border-ok bg-ok',
  ring: 'border-ok',
  half: 'border-warn bg-linear-to-r from-warn from-50% to-transparent to-50%',
  hollow: 'border-control-line',
  warn: 'border-warn bg-warn',
  bad: 'border-bad bg-bad',
}

/** filled = loaded, ring = remote, half = loading, hollow = not loaded, bad = down. `label` says it in words. */
export function StateDot({ state, label }: { state: DotState; label?: string }) {
  const look = cn('inline-block size-2.5 shrink-0 rounded-full border-2', LOOKS[state])
  return label === undefined ? (
    <span aria-hidden="true" className={look} />
  ) : (
    <span role="img" aria-label={label} title={label} className={look} />
  )
}
