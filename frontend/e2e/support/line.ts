import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** The network between a browser and the gateway, which can be cut: a page that is offline keeps the streams it has. */
export class Line {
  private readonly sockets = new Set<Socket>()
  private readonly server: Server
  private port = 0

  private constructor(target: string) {
    const { hostname, port } = new URL(target)
    this.server = createServer((near) => {
      const far = connect(Number(port), hostname)
      this.keep(near, far)
      this.keep(far, near)
    })
  }

  static async to(target: string): Promise<Line> {
    const line = new Line(target)
    await line.mend()
    return line
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`
  }

  async cut(): Promise<void> {
    const closed = once(this.server, 'close')
    this.server.close()
    for (const socket of this.sockets) socket.destroy()
    await closed
  }

  async mend(): Promise<void> {
    this.server.listen(this.port, '127.0.0.1')
    await once(this.server, 'listening')
    this.port = (this.server.address() as AddressInfo).port
  }

  private keep(socket: Socket, other: Socket): void {
    this.sockets.add(socket)
    socket.pipe(other)
    // Whatever ends one side ends the other; a reset is nothing to report here.
    socket.on('error', () => other.destroy())
    socket.on('close', () => {
      this.sockets.delete(socket)
      other.destroy()
    })
  }
}
