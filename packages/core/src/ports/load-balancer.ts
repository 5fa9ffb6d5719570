import type { HostTarget, LoadBalancer as LoadBalancerSettings, ServerRef, ServerState } from '@vesemir/contract'
import type { Probes } from './remote-shell.ts'

/** Opens the load balancer of a deployment: connections to all its boxes. */
export interface LoadBalancer {
  /**
   * @throws {VesemirError} `LOAD_BALANCER_UNREACHABLE`, `LOAD_BALANCER_PERMISSION`, and what connecting by SSH throws
   */
  open(boxes: readonly HostTarget[], settings: LoadBalancerSettings, signal?: AbortSignal): Promise<LoadBalancerSession>
}

/**
 * What every load balancer can do: find servers, take them out of rotation and put them back. Every change is read back before it
 * returns, and gives the servers as the boxes then show them. All calls are safe to repeat, and throw `LOAD_BALANCER_REFUSED`,
 * `LOAD_BALANCER_PERMISSION`, `LOAD_BALANCER_UNREACHABLE`, `SERVER_UNKNOWN`.
 */
export interface ServerControl extends AsyncDisposable {
  /** Finds the servers of hosts, by address or by name, on every box, each with its endpoint. */
  locate(hosts: readonly HostTarget[], signal?: AbortSignal): Promise<Located>
  /** Reads servers as they are, whatever they stand for now: `endpoint` tells. */
  read(servers: readonly ServerRef[], signal?: AbortSignal): Promise<ServerState[]>
  /** Reads all servers of the backends that these servers are in, on their boxes. */
  readPeers(servers: readonly ServerRef[], signal?: AbortSignal): Promise<ServerState[]>
  /** No new sessions, but for those that a cookie sends there. Its agent is no longer asked: one that answers "ready" undoes a drain. */
  drain(servers: readonly ServerRef[], signal?: AbortSignal): Promise<ServerState[]>
  /** Traffic again: the weight first, then ready; then its agent is asked again, where that is wanted. */
  admit(weights: readonly ServerWeight[], signal?: AbortSignal): Promise<ServerState[]>
  /** The weight alone. */
  setWeights(weights: readonly ServerWeight[], signal?: AbortSignal): Promise<ServerState[]>
}

/** What only some load balancers can do. Each comment ends with what stands for it where one cannot. */
export interface BalancerCapabilities {
  /** No new sessions at all, sticky ones neither; the box's health checks pause, and its agent is no longer asked. Else `drain`. */
  hold(servers: readonly ServerRef[], signal?: AbortSignal): Promise<ServerState[]>
  /** Ends the sessions that are left. Else refused as `DRAIN_TIMED_OUT`. */
  cutSessions(servers: readonly ServerRef[], signal?: AbortSignal): Promise<void>
  /**
   * Demands fresh proof of health: still drained, the weight already set, the server counts as down until its checks have
   * risen again, or as unproven until its next check, where that is proof enough. Where the box does not check the server,
   * nothing is demanded and it shows as it is. Else `setWeights`.
   */
  demandProof(weights: readonly ServerWeight[], signal?: AbortSignal): Promise<ServerState[]>
  /**
   * Reads the servers, each with how many of its backend are in service: what costs the same in a backend of any size. Else by
   * `readPeers`.
   */
  readAmongPeers(servers: readonly ServerRef[], signal?: AbortSignal): Promise<ServerAmongPeers[]>
  /** Reads what those servers' boxes have counted of them, for judging one against the others. Else nothing. */
  readFigures(servers: readonly ServerRef[], signal?: AbortSignal): Promise<ServerFigures[]>
  /**
   * Settles at most `noticeMs` or so after a box of these servers has been reloaded or restarted, and is there again: it has
   * forgotten what it was told, unless it keeps that in a file. Rejects only when the signal is aborted. Else never settles.
   */
  untilReloaded(servers: readonly ServerRef[], options: { noticeMs: number; signal: AbortSignal }): Promise<void>
  /** Reads what names the process that answers for a box: another one after every reload and restart. Else always the same. */
  readProcess(box: string, signal?: AbortSignal): Promise<string>
  /**
   * Returns what asks services from a box, over the connection that is there; undefined where there is none. Throws as `open`.
   * Else undefined.
   */
  probesFrom(box: string, signal?: AbortSignal): Promise<Probes | undefined>
  /** Says in sentences what in the boxes' configuration makes deployments less safe than they could be. Else nothing. */
  advise(signal?: AbortSignal): Promise<string[]>
}

/** What a walk does to servers: all of it, whatever the load balancer. */
export interface LoadBalancerSession extends ServerControl, BalancerCapabilities {}

/** What the boxes have of hosts. */
export interface Located {
  /** The servers of each host, in the order asked for. */
  hosts: LocatedHost[]
  /** Backends of the settings that a box does not have. */
  missing: { box: string; backend: string }[]
}

/** The servers of a machine. */
export interface LocatedHost {
  /** Those of the application: in its backends, and at its port where one is set. */
  servers: ServerRef[]
  /** Which of them have the host's name and another address. */
  byName: ServerRef[]
  /** All others of the boxes at the host's address. */
  others: ServerRef[]
}

/** A server, and the number of its backend's servers on its box that are in service, itself included, backups not. */
export interface ServerAmongPeers extends ServerState {
  inService: number
}

/** A server and an absolute weight, 0 to 256. */
export interface ServerWeight {
  server: ServerRef
  weight: number
  /** Whether its agent is to be asked again when it gets traffic. */
  agentChecked?: true | undefined
}

/**
 * A server's counts since its box started, the mean response time of recent requests (`meanSince`), and its load now: sessions in
 * use, the most that it may have, and those that began in the last second, of which in HTTP each request is one (HAProxy
 * management guide, 9.1: hrsp_*, econ, rtime, scur, slim, rate).
 */
export interface ServerFigures extends ServerRef {
  /** Whether it gets traffic. */
  inService: boolean
  /** Names the process that counts: another one after every reload and restart, which begins with nothing. */
  countedBy: string
  /** In TCP mode, connections. */
  requests: number
  serverErrors: number
  connectionErrors: number
  responseTimeMs: number
  /** In TCP mode alone, where there are neither 5xx nor response times: what servers broke off, and the mean time to connect (eresp, ctime). */
  tcp?: { brokenOff: number; connectTimeMs: number }
  sessions: number
  /** Absent where the configuration sets none (`maxconn`). */
  sessionLimit?: number | undefined
  sessionsPerSecond: number
}
