import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

// The command ends with our standard input: also when this process is killed and can't tear anything down.
const GUARD = 'exec 3<&0; "$@" <&3 & pid=$!; (cat <&3 >/dev/null; kill "$pid" 2>/dev/null) & wait "$pid"'

/** A server that runs beside the tests. */
export interface Program {
  /** What it said until it was ready. */
  output: string
  stop(): Promise<void>
}

/** Starts `command` in the project's folder; resolves when its output matches `ready`. */
export async function start(
  command: string[],
  env: Record<string, string>,
  ready: RegExp,
  limitMs: number,
): Promise<Program> {
  const child = spawn('sh', ['-c', GUARD, 'sh', ...command], { cwd: ROOT, env, stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = once(child, 'exit')
  const stop = async () => {
    child.stdin.end()
    await ended
  }
  let output = ''
  const isReady = new Promise<void>((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`not ready within ${limitMs} ms:\n${output}`)), limitMs)
    const hear = (data: Buffer) => {
      output += data.toString()
      if (!ready.test(output)) return
      clearTimeout(limit)
      resolve()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('exit', () => reject(new Error(`ended at once:\n${output}`)))
  })
  try {
    await isReady
  } catch (error) {
    await stop()
    throw error
  }
  return { output, stop }
}

/** What a person's shell would hand over, without settings of Patchbay's. */
export function plainEnvironment(): Record<string, string> {
  const names = ['PATH', 'HOME', 'LANG', 'TMPDIR']
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
}
