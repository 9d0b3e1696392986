// GET /readyz: whether the gateway can serve, and which of its parts can't.

export type Readiness =
  | { status: 'asking' }
  | { status: 'ready' }
  | { status: 'not-ready'; failing: string[] }
  | { status: 'unreachable' }

interface Report {
  parts: Record<string, { ok: boolean }>
}

export async function askReadiness(gateway: string): Promise<Readiness> {
  try {
    const response = await fetch(new URL('readyz', gateway), { headers: { Accept: 'application/json' } })
    if (response.ok) return { status: 'ready' }
    const report = (await response.json()) as Report
    const failing = Object.entries(report.parts).filter(([, part]) => !part.ok)
    return { status: 'not-ready', failing: failing.map(([name]) => name) }
  } catch {
    // No connection, or a proxy's own page: either way nobody of ours answered.
    return { status: 'unreachable' }
  }
}
