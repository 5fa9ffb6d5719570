import { once } from 'node:events'
import { connect } from 'node:net'
import { startRedis } from '@vesemir/testing/start-redis'
import { expect, it } from 'vitest'
import { startApi } from '../testing/start-api.ts'

const handshake = (path: string) =>
  `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\r\n`

it.each([
  ['of an address that is none', handshake('/v1/deployments/%zz/events')],
  ['behind another request', `GET /livez HTTP/1.1\r\nhost: a\r\n\r\n${handshake('/v1/deployments/d-1/events')}`],
])('a handshake %s leaves no connection open, which would hold up the end of the API', async (_, bytes) => {
  await using server = await startRedis()
  await using api = await startApi(server)
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(api.url).port) }).resume()
  socket.write(bytes)

  await once(socket, 'close', { signal: AbortSignal.timeout(20_000) })

  expect(socket.readyState).toBe('closed')
})
