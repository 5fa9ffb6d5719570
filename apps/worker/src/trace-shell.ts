import type { HostTarget } from '@vesemir/contract'
import type { Probes } from '@vesemir/core'
import type { SshSession, SshShell } from '@vesemir/machines/remote-shell'
import type { PartOptions, Tracing } from '@vesemir/process/tracing'

/** Traces connections to machines, and what is run there: by the names of scripts, never by their text or output. */
export function traceShell(shell: SshShell, tracing: Tracing): SshShell {
  return {
    for: (purpose) => traceShell(shell.for(purpose), tracing),
    async connect(target, signal) {
      const session = await tracing.part('ssh connect', onTarget(target), () => shell.connect(target, signal))
      return traceSession(session, tracing)
    },
  }
}

function traceSession(session: SshSession, tracing: Tracing): SshSession {
  const { target } = session
  const trace = <Result>(name: string | undefined, run: () => Promise<Result>) =>
    tracing.part(`ssh run ${name ?? 'script'}`, onTarget(target), run)
  return {
    ...session,
    ...traceProbes(session, { target, tracing }),
    get probesByShell() {
      return session.probesByShell
    },
    run: (script, options) => trace(options.name, () => session.run(script, options)),
    runAsUser: (script, options) => trace(options.name, () => session.runAsUser(script, options)),
    proveScripts: (options) => trace('prove scripts', () => session.proveScripts(options)),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}

/** Traces what asks services from a machine: the first times, since a walk asks again and again. */
export function traceProbes(
  probes: Probes,
  { target, tracing }: { target: HostTarget; tracing: Tracing },
): Pick<Probes, 'httpGet' | 'tcpProbe'> {
  const options = { ...onTarget(target), isRepeated: true }
  return {
    httpGet: (request, limits) => tracing.part('http probe', options, () => probes.httpGet(request, limits)),
    tcpProbe: (to, limits) => tracing.part('tcp probe', options, () => probes.tcpProbe(to, limits)),
  }
}

function onTarget({ name, address, port }: HostTarget): PartOptions {
  return { kind: 'client', attributes: { 'vesemir.host': name, 'server.address': address, 'server.port': port } }
}
