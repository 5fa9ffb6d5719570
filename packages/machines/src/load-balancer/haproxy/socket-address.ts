import type { HostTarget } from '@vesemir/contract'

/** Where a box has its admin socket. */
export type SocketAddress = { path: string } | { address: string; port: number }

/** Reads the setting `socket` for one box: a path, or host:port. */
export function socketAddressOf(socket: string, { name, address }: HostTarget): SocketAddress {
  if (socket.startsWith('/')) return { path: socket.replaceAll('{name}', name) }
  const at = socket.lastIndexOf(':')
  const host = socket.slice(0, at).replaceAll('{name}', name).replaceAll('{address}', address)
  return { address: host, port: Number(socket.slice(at + 1)) }
}
