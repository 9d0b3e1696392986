// A real HTTP server that answers like a gateway: nothing in the page knows that it is a test.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeGateway {
  url: string
  close(): Promise<void>
}

export async function startGateway(status: number, body: unknown): Promise<FakeGateway> {
  const server = createServer((request, response) => {
    const known = request.url === '/sub/readyz'
    response.writeHead(known ? status : 404, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify(known ? body : {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/sub/`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
