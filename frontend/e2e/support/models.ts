import { plainEnvironment, start } from './program'

const PYTHON = '.venv/bin/python'

/** What tests/support/ui_provider/ prints when it has started. */
interface Started {
  id: number
  port: number
  control_port: number
}

/** A request as the model server got it. */
export interface Received {
  method: string
  path: string
  key: string
  // biome-ignore lint/suspicious/noExplicitAny: any JSON; a test looks for what it needs.
  body: any
}

/** The process of tests/support/ui_provider: a model server on each port that is opened. */
export class ModelServers {
  private readonly control: string

  constructor(controlPort: number) {
    this.control = `http://127.0.0.1:${controlPort}`
  }

  static async start(): Promise<{ controlPort: number; stop(): Promise<void> }> {
    const env = { ...plainEnvironment(), PYTHONPATH: '.' }
    const program = await start([PYTHON, '-m', 'tests.support.ui_provider'], env, /\n/, 20_000)
    return { controlPort: (JSON.parse(program.output) as Started).control_port, stop: program.stop }
  }

  /** A server of its own, with an own record, pace and state. `manners` are those of tests/support/commands.py. */
  async open(manners: Record<string, unknown> = {}): Promise<ModelServer> {
    const opened = (await this.command('POST', '/ports', manners)) as Started
    return new ModelServer(this, opened.id, opened.port)
  }

  async command(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(this.control + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const content = await response.text()
    if (!response.ok) throw new Error(content)
    return JSON.parse(content)
  }
}

export class ModelServer {
  readonly url: string

  constructor(
    private readonly servers: ModelServers,
    private readonly id: number,
    port: number,
  ) {
    this.url = `http://127.0.0.1:${port}`
  }

  /** What a provider is configured with. */
  get baseUrl(): string {
    return `${this.url}/v1`
  }

  /** Of every model, unless a prompt says otherwise. */
  async keepPace(tokensPerSecond: number, firstTokenS = 0.05): Promise<void> {
    await this.tell('pace', { tokens_per_second: tokensPerSecond, first_token_s: firstTokenS })
  }

  /** Look like the server of this vendor, one of tests/support/vendors.py. */
  async imitate(vendor: string): Promise<void> {
    await this.tell('imitate', vendor)
  }

  /** Answer a request, such as `GET /api/v0/models`, with this instead. */
  async willAnswer(request: string, body: unknown): Promise<void> {
    const reply = {
      type: 'response',
      status: 200,
      headers: [['Content-Type', 'application/json']],
      body: Buffer.from(JSON.stringify(body)).toString('base64'),
    }
    await this.tell('rules', [{ on: request, replies: [reply] }])
  }

  /** Refuse connections, and end those there are, as a server that was stopped. */
  async goDown(): Promise<void> {
    await this.tell('manners', { speaks: 'nothing' })
    await this.tell('hang-up')
  }

  async comeBack(): Promise<void> {
    await this.tell('manners', {})
  }

  async received(): Promise<Received[]> {
    // biome-ignore lint/suspicious/noExplicitAny: the record of tests/support/commands.py.
    const log = (await this.servers.command('GET', `/ports/${this.id}`)) as any
    return log.requests.map(received)
  }

  /** Bodies of the chats that were asked for, oldest first. */
  async chats(): Promise<Received['body'][]> {
    const requests = await this.received()
    return requests.filter((one) => one.path === '/v1/chat/completions').map((one) => one.body)
  }

  async close(): Promise<void> {
    await this.servers.command('DELETE', `/ports/${this.id}`)
  }

  private tell(command: string, body?: unknown): Promise<unknown> {
    return this.servers.command('POST', `/ports/${this.id}/${command}`, body)
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the record of tests/support/commands.py.
function received(request: any): Received {
  const headers = new Map<string, string>(
    request.raw_headers.map(([name, value]: string[]) => [name?.toLowerCase(), value]),
  )
  const body = Buffer.from(request.body, 'base64').toString()
  return {
    method: request.method,
    path: request.target.split('?')[0],
    key: headers.get('authorization')?.replace('Bearer ', '') ?? '',
    body: body ? JSON.parse(body) : null,
  }
}

/** `w1 w2 … w<count>`: what `steady` says, each word once. */
export function numbered(count: number, letter = 'w'): string[] {
  return Array.from({ length: count }, (_, index) => `${letter}${index + 1}`)
}
