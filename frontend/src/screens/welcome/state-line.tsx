import type { Readiness } from '../../api/readiness'

/** One line: is the gateway running, and what to do when it is not. */
export function StateLine({ readiness }: { readiness: Readiness }) {
  return (
    <p className={`state state-${readiness.status}`} role="status">
      <span className="state-dot" aria-hidden="true" />
      {words(readiness)}
    </p>
  )
}

function words(readiness: Readiness): string {
  switch (readiness.status) {
    case 'asking':
      return 'Asking the gateway…'
    case 'ready':
      return 'The gateway is running.'
    case 'not-ready':
      return `The gateway is running, but it can’t serve: ${readiness.failing.join(', ')}. Its log says why.`
    case 'unreachable':
      return 'The gateway isn’t answering. Start it with ./patchbay up.'
  }
}
