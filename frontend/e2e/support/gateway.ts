import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { plainEnvironment, ROOT, start } from './program'

const run = promisify(execFile)
const READY = /Patchbay is ready at (\S+)\n[\s\S]*Ctrl-C/
const PASSWORD = /password {2}(\S+)/
const NOT_BUILT = 'The web UI could not be built'
const START_LIMIT_MS = 180_000
// A developer's .env must not reach into the tests; an empty value is the same as none.
const NOTHING = Object.fromEntries(
  [
    'HOST WORKERS DATABASE_URL REDIS_URL PUBLIC_URL TRUSTED_PROXIES CORS_ORIGINS PATCHBAY_MODELS LLM_PROVIDER',
    'LMSTUDIO_API_BASE LMSTUDIO_API_KEY LMSTUDIO_MODEL OPENAI_API_KEY OPENAI_BASE_URL GROQ_API_KEY',
    'DEFAULT_REGULAR_MODEL DEFAULT_VISION_MODEL ADMIN_USERNAME ADMIN_PASSWORD',
  ]
    .flatMap((line) => line.split(' '))
    .map((name) => [name, '']),
)

/** A Patchbay as a new user has it: `./patchbay up` in an empty home, with the demo engine. */
export interface Gateway {
  url: string
  /** Of the user `admin`; to be changed at the first sign-in. */
  oneTimePassword: string
  /** What `./patchbay admin …` says, run beside it. */
  command(...words: string[]): Promise<string>
  stop(): Promise<void>
}

export async function startGateway(settings: Record<string, string> = {}): Promise<Gateway> {
  const home = await mkdtemp(join(tmpdir(), 'patchbay-e2e-'))
  const env = { ...plainEnvironment(), ...NOTHING, PATCHBAY_HOME: home, PORT: '0', ...settings }
  const program = await start(['./patchbay', 'up'], env, READY, START_LIMIT_MS)
  if (program.output.includes(NOT_BUILT)) {
    await program.stop()
    throw new Error(program.output)
  }
  return {
    url: found(READY, program.output),
    oneTimePassword: found(PASSWORD, program.output),
    command: async (...words) => (await run('./patchbay', ['admin', ...words], { cwd: ROOT, env })).stdout,
    stop: async () => {
      await program.stop()
      await rm(home, { recursive: true, force: true })
    },
  }
}

function found(pattern: RegExp, output: string): string {
  const value = pattern.exec(output)?.[1]
  if (value === undefined) throw new Error(`no ${pattern} in:\n${output}`)
  return value
}
