import { get } from 'node:http'
import { expect, test, vi } from 'vitest'
import { freePort } from '@vesemir/process/free-port'
import { describeLoadBalancer, type World } from '../testing/describe-load-balancer.ts'
import { haproxyPrograms, installedHaproxy, type HaproxyProgram } from '@vesemir/testing/haproxy-programs'
import { startApp } from '@vesemir/testing/start-app'
import { startBox } from './testing/start-box.ts'

const noStreamlocal = ['AllowStreamLocalForwarding no']

for (const program of haproxyPrograms)
  describeLoadBalancer(`HAProxy ${program.version}, by its socket through sshd`, () => startWorld({ program }))
describeLoadBalancer('HAProxy, by socat on the box', () => startWorld({ sshd: noStreamlocal }))
describeLoadBalancer('HAProxy, by a TCP port of the box', async () => startWorld({ tcpPort: await freePort() }))
describeLoadBalancer('HAProxy, by a TCP port straight from the worker', async () =>
  startWorld({ tcpPort: await freePort(), from: 'worker' }),
)

const versions = haproxyPrograms.map(({ version }) => version)
test(`HAProxy is there as ${versions.join(', ')}: each was tried`, () => {
  expect(versions).toContain(installedHaproxy.version)
})

interface Parts {
  program?: HaproxyProgram
  sshd?: string[]
  tcpPort?: number
  from?: 'box' | 'worker'
}

async function startWorld({ program = installedHaproxy, sshd = [], tcpPort, from = 'box' }: Parts): Promise<World> {
  const apps = [await startApp(), await startApp()] as const
  const [first, second] = apps
  const frontendPort = await freePort()
  // The frontend has the backend's name: HAProxy allows it, and confuses the two in its statistics.
  const proxies = `frontend app
  bind 127.0.0.1:${frontendPort}
  default_backend app
backend app
  balance roundrobin
  option httpchk GET /healthz
  timeout check 2s
  default-server inter 30ms rise 2 fall 2 weight 100
  server web-1 127.0.0.1:${first.port} check
  server BACKEND 127.0.0.1:${second.port} check
backend other
  server web-1 127.0.0.1:${first.port} weight 10`
  const global = tcpPort === undefined ? [] : [`stats socket 127.0.0.1:${tcpPort} level admin expose-fd listeners`]
  const box = await startBox(proxies, { sshd, global, program })
  await box.haproxy.untilShown(/(?:L7OK[^]*){2}/)
  const connected = box.connect({ options: tcpPort === undefined ? {} : { socket: `{address}:${tcpPort}`, from } })

  const aHost = (name: string) => ({ name, address: '192.0.2.1', port: 22, user: 'deploy', hostKeys: [] })
  const server = (backend: string, server: string, { port } = first) => {
    return { box: box.name, backend, server, endpoint: { address: '127.0.0.1', port } }
  }
  const names = ['app/web-1', 'app/BACKEND', 'other/web-1']
  const whole = names.flatMap((name) => [`set server ${name} weight 100%`, `set server ${name} state ready`])
  const reset = async () => {
    first.hanging.length = 0
    await box.haproxy.ask([...whole, ...names.slice(0, 2).map((name) => `set server ${name} health up`)].join(';'))
  }
  return {
    hosts: [aHost('web-1'), aHost('BACKEND')],
    servers: [server('app', 'web-1'), server('app', 'BACKEND', second)],
    unchecked: server('other', 'web-1'),
    open: () => connected.open(),
    setHealthy(isHealthy) {
      first.isHealthy = isHealthy
    },
    async untilChecked() {
      const enough = first.requests + 4
      await vi.waitUntil(() => first.requests >= enough, { timeout: 5000, interval: 5 })
    },
    async hang() {
      const request = get({ port: frontendPort, path: '/hang', agent: false }, (response) => response.resume())
      request.on('error', () => {})
      await vi.waitUntil(() => first.hanging.length === 1, { timeout: 5000, interval: 5 })
      return { ended: new Promise((resolve) => request.once('close', resolve)) }
    },
    reload: () => box.haproxy.reload(),
    restart: (during) => box.haproxy.restart(during),
    reset,
    async [Symbol.asyncDispose]() {
      await connected[Symbol.asyncDispose]()
      await Promise.all([box, ...apps].map((part) => part[Symbol.asyncDispose]()))
    },
  }
}
