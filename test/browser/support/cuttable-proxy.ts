import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** Stands between a browser and the API, and can be cut. */
export interface CuttableProxy extends AsyncDisposable {
  url: string
  /** Breaks every connection, and takes none until `mend`. */
  cut(): void
  mend(): void
  /** Returns how many bytes it has carried, both ways. */
  carried(): number
}

/** Starts a proxy of TCP connections to `url`, on a port of its own. */
export async function startProxy(url: string): Promise<CuttableProxy> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let isCut = false
  let carried = 0
  const count = (chunk: Buffer) => void (carried += chunk.length)
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  }
  const server = createServer((near) => {
    keep(near)
    if (isCut) return void near.resetAndDestroy()
    const far = connect(Number(target.port), target.hostname)
    keep(far)
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
    near.on('data', count).pipe(far).on('data', count).pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = () => {
    isCut = true
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    mend() {
      isCut = false
    },
    carried: () => carried,
    async [Symbol.asyncDispose]() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
