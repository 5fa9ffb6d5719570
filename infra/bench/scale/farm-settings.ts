/** What the processes that play hosts are told. */
export interface FarmSettings {
  hosts: number
  /** On each host's address. */
  port: number
  hostKeyPath: string
  /** How long a host's application takes to restart. */
  restartMs: number
  /** Each host has one in it. */
  folder: string
}

const hostsInNetwork = 250

/** Gives a host's own address on loopback. */
export function hostAddress(index: number): string {
  return `127.64.${Math.floor(index / hostsInNetwork)}.${(index % hostsInNetwork) + 1}`
}

/** Gives a host's name. */
export function hostName(index: number): string {
  return `host-${String(index + 1).padStart(5, '0')}`
}
