/** Patchbay's API as an administrator or another person calls it, to prepare what a journey starts from. */
export class Api {
  private token = ''
  private readonly url: string

  constructor(url: string) {
    this.url = url
  }

  static async as(url: string, username: string, password: string): Promise<Api> {
    const api = new Api(url)
    await api.signIn(username, password)
    return api
  }

  async signIn(username: string, password: string): Promise<void> {
    const data = await this.call('POST', '/auth/login', { username, password })
    this.token = data.access_token
  }

  /** The data of a successful answer; throws for any other. */
  // biome-ignore lint/suspicious/noExplicitAny: a journey takes from an answer what it needs.
  async call(method: string, path: string, body?: unknown): Promise<any> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const answer = await response.json()
    if (!answer.success) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer.error)}`)
    return answer.data
  }

  async changePassword(username: string, from: string, to: string): Promise<void> {
    await this.call('POST', '/auth/change-password', { current_password: from, new_password: to })
    await this.signIn(username, to)
  }

  /** The slug of a new provider at `baseUrl`. */
  async addProvider(name: string, baseUrl: string, fields: Record<string, unknown> = {}): Promise<string> {
    const body = { provider: 'openai_compatible', name, base_url: baseUrl, api_key: 'sk-journey', ...fields }
    return (await this.call('POST', '/llm-providers', body)).slug
  }
}
