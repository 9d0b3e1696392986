import { useEffect, useState } from 'react'
import { askReadiness, type Readiness } from '../../api/readiness'

const ASK_EVERY_MS = 5000

/** The gateway's state, asked again every few seconds. */
export function useReadiness(gateway: string): Readiness {
  const [readiness, setReadiness] = useState<Readiness>({ status: 'asking' })

  useEffect(() => {
    let stopped = false
    async function ask() {
      const answer = await askReadiness(gateway)
      if (!stopped) setReadiness(answer)
    }
    void ask()
    const timer = setInterval(ask, ASK_EVERY_MS)
    return () => {
      stopped = true
      clearInterval(timer)
    }
  }, [gateway])

  return readiness
}
