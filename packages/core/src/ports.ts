import type {
  BoxSelection,
  Changeset,
  Deployment,
  DeploymentFact,
  DeploymentRef,
  DeploymentSpec,
  HostFact,
  HostRecord,
  HostTarget,
  LoadBalancer as LoadBalancerSettings,
  LogLine,
  PlannedRelease,
  ServerRef,
  ServerState,
  StepName,
} from '@vesemir/contract'

/** Time. Every wait has an upper bound and ends with the signal's reason when it is aborted. */
export interface Clock {
  /**
   * Returns the time of day in milliseconds since 1970, as all workers and the API have it: for what is recorded, shown or
   * compared with another process. It can step forward and back: what this process waits for or measures takes a stopwatch.
   */
  now(): number
  /** Starts a stopwatch, and returns what reads it: the whole milliseconds since, which no step of a clock changes. */
  startStopwatch(): () => number
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /**
   * Does something again and again until disposed of, which aborts the signal and waits for what is being done just then:
   * each time when `soon` settles, and at the latest `ms` after the time before. What fails is tried again in its turn.
   */
  every(
    ms: number,
    task: (signal: AbortSignal) => Promise<void>,
    soon: (signal: AbortSignal) => Promise<void>,
  ): AsyncDisposable
}

/** Machines that an inventory found, sorted by name and free of duplicates, and what people should know of them. */
export interface Found {
  hosts: HostTarget[]
  /** Sentences for the plan, such as which machines were passed over and why. */
  warnings: string[]
  /** What was searched for and where, for the error when it finds none. */
  searched?: string
}

/** Finds machines by what is known of them. */
export interface Inventory {
  /**
   * The application's hosts.
   * @throws {VesemirError} `QUERY_INVALID`, `INVENTORY_UNREACHABLE`, `INVENTORY_REFUSED`, `INVENTORY_ANSWER_INVALID`,
   * `INVENTORY_INCOMPLETE`, `HOST_KEY_MISSING`, `HOST_STALE`, `HOST_UNUSABLE`, `HOST_DUPLICATE`
   */
  findHosts(spec: DeploymentSpec, signal?: AbortSignal): Promise<Found>
  /** The load balancer's boxes, in the application's environment; none is ever passed over. Throws as `findHosts`. */
  findBoxes(selection: BoxSelection, spec: DeploymentSpec, signal?: AbortSignal): Promise<Found>
}

/** Opens sessions on machines. */
export interface RemoteShell {
  /**
   * Connects, verifies the host's key against `target.hostKeys`, and authenticates.
   * @throws {VesemirError} `SSH_NAME_UNKNOWN`, `SSH_REFUSED`, `SSH_TIMED_OUT`, `SSH_UNREACHABLE`, `SSH_HOST_KEY_MISMATCH`,
   * `SSH_AUTH_FAILED`; `SSH_CHANNEL_REFUSED` by a jump host
   */
  connect(target: HostTarget, signal?: AbortSignal): Promise<RemoteSession>
}

/**
 * Takes a line of output. A promise that it gives is waited for before more is read, so that the host waits, rather than
 * that lines are lost or pile up.
 */
export type OnLine = ((line: LogLine) => void) | ((line: LogLine) => Promise<void> | undefined)

export interface RunOptions {
  timeoutMs: number
  signal?: AbortSignal | undefined
  /** Environment variables for the command. */
  env?: Readonly<Record<string, string>>
  /** Sent to its standard input, which is then closed. A chunk may be overwritten when the next is asked for. */
  input?: AsyncIterable<Uint8Array>
  /** Called for each line of output as it comes. */
  onLine?: OnLine
}

/** Where to ask, and from where: the host itself when not said. */
export interface ProbeTarget {
  address: string
  port: number
  from?: 'host' | 'worker' | undefined
}

export interface HttpRequest extends ProbeTarget {
  path: string
  headers?: Readonly<Record<string, string>> | undefined
  /** HTTPS. The certificate must be for `serverName`, or the address; `ca` takes the place of the well-known authorities. */
  tls?: { serverName?: string | undefined; ca?: string | undefined; insecure?: boolean | undefined } | undefined
}

/** Names of headers are in lower case. */
export interface HttpAnswer {
  status: number
  headers: Readonly<Record<string, string>>
  body: string
}

export interface ProbeOptions {
  timeoutMs: number
  signal?: AbortSignal | undefined
}

/** One connection to one machine. Closing it ends what runs on it. */
export interface RemoteSession extends AsyncDisposable {
  readonly target: HostTarget
  /**
   * Runs a script by the host's `sh` and returns its standard output (the last 64 KiB of it). It has succeeded only when the
   * shell that ran it says so: the exit status that comes over the connection may be that of any program.
   * @throws {VesemirError} `SCRIPT_NOT_RUN`, `COMMAND_FAILED` (an exit status other than 0, a signal, or none: RFC 4254, 6.10),
   * `COMMAND_TIMED_OUT`, `SUDO_REFUSED`, `SSH_CHANNEL_REFUSED`, `SSH_CONNECTION_LOST`
   */
  run(script: string, options: RunOptions): Promise<{ stdout: string }>
  /**
   * One HTTP GET, from the host itself or from this worker; body of at most 64 KiB. Redirects are not followed.
   * @throws {VesemirError} `SSH_CONNECTION_LOST`; a refused or timed-out connection, and a certificate that does not prove
   * what it is to, is an ordinary `Error`.
   */
  httpGet(request: HttpRequest, options: ProbeOptions): Promise<HttpAnswer>
  /** Opens a TCP connection, from the host itself or from this worker, and closes it again. Throws as `httpGet`. */
  tcpProbe(to: ProbeTarget, options: ProbeOptions): Promise<void>
  /**
   * Makes sure that the host runs scripts, and changes nothing.
   * @throws {VesemirError} as `run`
   */
  proveScripts(options: ProbeOptions): Promise<void>
  /**
   * Makes sure that a service can be asked from the host itself, whether or not it answers just now, and changes nothing.
   * @throws {VesemirError} `HOST_TOOL_MISSING`, `SSH_CONNECTION_LOST`
   */
  proveProbes(to: ProbeTarget, options: ProbeOptions): Promise<void>
  /** Whether the host itself is asked by a shell on it, since its sshd forbids forwarding. */
  readonly probesByShell: boolean
  /** Settles when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>
}

/** Opens the load balancer of a deployment: connections to all its boxes. */
export interface LoadBalancer {
  /**
   * @throws {VesemirError} `HAPROXY_UNREACHABLE`, `HAPROXY_PERMISSION`, and what connecting by SSH throws
   */
  open(boxes: readonly HostTarget[], settings: LoadBalancerSettings, signal?: AbortSignal): Promise<LoadBalancerSession>
}

/**
 * What a walk does to servers. Every change is read back before it returns, and gives the servers as the boxes then show
 * them. All calls are safe to repeat, and throw `HAPROXY_REFUSED`, `HAPROXY_PERMISSION`, `HAPROXY_UNREACHABLE`, `SERVER_UNKNOWN`.
 */
export interface LoadBalancerSession extends AsyncDisposable {
  /**
   * The servers that stand for each host, by name or by address, in every backend of every box, in the order of `hosts`.
   * @throws {VesemirError} `BACKEND_UNKNOWN`, `SERVER_UNKNOWN`, `SERVER_AMBIGUOUS`
   */
  locate(hosts: readonly HostTarget[], signal?: AbortSignal): Promise<ServerRef[][]>
  read(servers: readonly ServerRef[], signal?: AbortSignal): Promise<ServerState[]>
  /** The servers, each with how many of its backend are in service: what costs the same in a backend of any size. */
  readAmongPeers(servers: readonly ServerRef[], signal?: AbortSignal): Promise<ServerAmongPeers[]>
  /** All servers of the backends that these servers are in, on their boxes. */
  readPeers(servers: readonly ServerRef[], signal?: AbortSignal): Promise<ServerState[]>
  /**
   * Settles at most `noticeMs` or so after a box of these servers has been reloaded or restarted, and is there again: it has
   * forgotten what it was told, unless it keeps that in a file. Rejects only when the signal is aborted.
   */
  untilReloaded(servers: readonly ServerRef[], options: { noticeMs: number; signal: AbortSignal }): Promise<void>
  /** What names the process that answers for a box: another one after every reload and restart. */
  readProcess(box: string, signal?: AbortSignal): Promise<string>
  /** What those servers' boxes have counted of them, for judging one against the others. */
  readFigures(servers: readonly ServerRef[], signal?: AbortSignal): Promise<ServerFigures[]>
  /** Says in sentences what in the boxes' configuration makes deployments less safe than they could be. */
  advise(signal?: AbortSignal): Promise<string[]>
  /** No new sessions, but for those that a cookie sends there. */
  drain(servers: readonly ServerRef[], signal?: AbortSignal): Promise<ServerState[]>
  /** No new sessions at all, sticky ones neither; the box's health checks pause. */
  hold(servers: readonly ServerRef[], signal?: AbortSignal): Promise<ServerState[]>
  /** Ends the sessions that are left. */
  cutSessions(servers: readonly ServerRef[], signal?: AbortSignal): Promise<void>
  /**
   * Demands fresh proof of health: still drained, the weight already set, the server counts as down until its checks have
   * risen anew, or as unproven until its next check, where that is proof enough. Where the box does not check the server,
   * nothing is demanded and it shows as it is.
   */
  demandProof(weights: readonly ServerWeight[], signal?: AbortSignal): Promise<ServerState[]>
  /** Traffic again: the weight first, then ready. */
  admit(weights: readonly ServerWeight[], signal?: AbortSignal): Promise<ServerState[]>
  /** The weight alone. */
  setWeights(weights: readonly ServerWeight[], signal?: AbortSignal): Promise<ServerState[]>
}

/** A server, and the number of its backend's servers on its box that are in service, itself included, backups not. */
export interface ServerAmongPeers extends ServerState {
  inService: number
}

/** A server and an absolute weight, 0 to 256. */
export interface ServerWeight {
  server: ServerRef
  weight: number
}

/**
 * A server's counts since its box started, the mean response time of its last 1024 requests, and its load now: sessions in
 * use, the most that it may have, and those that began in the last second, of which in HTTP each request is one (HAProxy
 * management guide, 9.1: hrsp_*, econ, rtime, scur, slim, rate).
 */
export interface ServerFigures extends ServerRef {
  requests: number
  serverErrors: number
  connectionErrors: number
  responseTimeMs: number
  sessions: number
  /** Absent where the configuration sets none (`maxconn`). */
  sessionLimit?: number | undefined
  sessionsPerSecond: number
}

/** One way in which a version gets onto a host. All parts are idempotent by the release's id. */
export interface ChangesetStrategy {
  /**
   * Pins what every host will get: reads the artifact once, checks its sum.
   * @throws {VesemirError} `ARTIFACT_UNAVAILABLE`, `ARTIFACT_MISMATCH`, `ARTIFACT_INVALID`, `REPOSITORY_UNAVAILABLE`,
   * `REVISION_UNKNOWN`
   */
  pin(changeset: Changeset, spec: DeploymentSpec, signal?: AbortSignal): Promise<PlannedRelease>
  /**
   * Brings the release onto a host beside what runs there, which notices nothing of it: `introduce` then has little left to
   * do. Gives the release that is current meanwhile. A strategy that cannot do that makes sure that the host runs scripts, and
   * gives no note. Throws as `introduce`.
   */
  stage(release: PlannedRelease, context: IntroduceContext): Promise<Staged>
  /**
   * Introduces the release on a host; `previous` is the release that was current before.
   * @throws {VesemirError} `DISK_SPACE_LOW`, `HOST_TOOL_MISSING`, and as `pin` and `RemoteSession.run`
   */
  introduce(release: PlannedRelease, context: IntroduceContext): Promise<{ previous?: string; note: string }>
  /**
   * Takes the release back, also one whose introduction broke off: what was current before is current again. The service
   * is not restarted by it. Gives the release that is current then, where it can be told.
   * @throws {VesemirError} `ROLLBACK_UNAVAILABLE` when nothing is there to go back to; as `RemoteSession.run`
   */
  revert(release: PlannedRelease, context: RevertContext): Promise<{ note: string; current?: string }>
  /** Asks the host what is current and whether `revert` could do its work; changes nothing. Throws as `RemoteSession.run`. */
  inspect(release: PlannedRelease, context: RevertContext): Promise<Inspection>
}

/** A release beside what runs. */
export interface Staged {
  note?: string
  /** The release that is current on the host; absent where there is none, or none can be told. */
  current?: string
}

/** What a host says of its releases. */
export interface Inspection {
  /** The release that is current on the host; absent where there is none, or none can be told. */
  current?: string
  /** Why the release cannot be taken back, in words; absent where it can. */
  unavailable?: string
}

export interface IntroduceContext {
  spec: DeploymentSpec
  session: RemoteSession
  /** Whether `stage` has brought the release just now. */
  isStaged?: boolean
  /** Called by `stage` when the host has shown that it runs scripts, and that it can take the release. */
  onAccepted?: () => void
  /** VESEMIR_* variables of the deployment and host. */
  env: Readonly<Record<string, string>>
  onLine: OnLine
  signal: AbortSignal | undefined
}

export interface RevertContext extends IntroduceContext {
  /** What `introduce` gave as `previous`; undefined when it gave none, or did not get so far. */
  previous: string | undefined
}

/** The strategy for a changeset's kind. */
export type Changesets = (changeset: Changeset) => ChangesetStrategy

/**
 * A worker's exclusive right to one deployment's record. Facts are appended together with the record that follows from
 * them, in one atomic step, and only while no later attempt has claimed it.
 */
export interface DeploymentClaim {
  readonly deployment: Deployment
  readonly attempt: number
  /** @throws {VesemirError} `FENCE_LOST` */
  append(fact: Exclude<DeploymentFact, EndFact>): Promise<void>
  /** Ends the deployment, unless a command has come that is not in `deployment` yet: then gives false. Throws as `append`. */
  end(fact: EndFact): Promise<boolean>
  /** Reads the hosts, in the order of the plan, and the deployment with them; `cursor` is the last event that is in it. */
  readHosts(): Promise<{ hosts: HostRecord[]; cursor: number }>
  /**
   * Waits for hosts to end, and for commands, after the cursor; gives none at the latest after `timeoutMs`. Commands are
   * then in `deployment` too.
   */
  nextNews(
    cursor: number,
    options: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<{ ended: { host: string; outcome: HostEnd }[]; commanded: boolean; cursor: number }>
  /**
   * The deployment that has the machines of the application's environment in hand, or had them last. It is one from its
   * plan on, and again when its hosts are requeued.
   */
  readCurrent(): Promise<DeploymentRef | undefined>
  /**
   * Notes in the records of the deployments that came before this one that it supersedes them, as long as it is the current
   * one. Safe to repeat, and to be called before anything is done to a machine.
   */
  supersede(): Promise<void>
  /** What each host of the application's environment runs and by which deployment, as far as the record knows. */
  readReleases(): Promise<ReadonlyMap<string, HostRuns>>
}

/** The version that a host runs, and the deployment that put it in place; undefined when it was someone else. */
export interface HostRuns {
  version: string
  id: string | undefined
}

/** The fact that a deployment is over. */
export type EndFact = Extract<DeploymentFact, { type: 'deployment.ended' }>

export type HostEnd = 'succeeded' | 'failed' | 'unreachable' | 'skipped' | 'rolled-back'

/** The facts that another always follows at once. */
export type DeferredFact = Extract<HostFact, { type: 'step.ended' | 'release.seen' }>

/** A worker's exclusive right to one host of a deployment, as `DeploymentClaim`. Dispose of it to hear no more of commands. */
export interface HostClaim extends AsyncDisposable {
  readonly deployment: Deployment
  readonly host: HostRecord
  readonly attempt: number
  /** @throws {VesemirError} `FENCE_LOST` */
  append(fact: HostFact): Promise<void>
  /**
   * Notes a fact, such as that a step has ended, where the next follows at once: they are appended together. It is in `host` from
   * now on, and lost with a worker that dies in between, as if that had died a moment earlier.
   */
  defer(fact: DeferredFact): void
  /** Looks whether the claim still holds: called right before each action on a machine. @throws `FENCE_LOST` */
  check(): Promise<void>
  /** A signal that is aborted with this one, or with `CANCELLED` when the deployment is to stop at the next safe point. */
  untilCancelled(signal: AbortSignal): AbortSignal
  /** Adds a line of output; lines travel in batches. Gives a promise when the next had better wait for it. */
  log(step: StepName, line: LogLine): Promise<void> | undefined
  /** Sends the lines that are still waiting. */
  flush(): Promise<void>
}

/**
 * Servers that Vesemir took out of rotation and has not put back, across deployments: each with the state to go back to.
 * Written before the first change, so that what a crash or a failed host leaves can be told from what a person drained.
 */
export interface TrafficJournal {
  /** Notes servers that a walk is about to take out, or takes up again: they are not left any more. */
  note(servers: readonly NotedServer[], by: { deploymentId: string; host: string }): Promise<void>
  /** The entries of those of the servers that are noted. */
  find(servers: readonly ServerRef[]): Promise<JournalEntry[]>
  list(): Promise<JournalEntry[]>
  /** Strikes servers that are as they were before. */
  clear(servers: readonly ServerRef[]): Promise<void>
  /** Notes that a person holds servers out of rotation: Vesemir does not put them back. Their weight may still be its own. */
  cede(servers: readonly ServerRef[]): Promise<void>
  /** Notes that servers are not to be held out of rotation any more: a person has put them back. */
  release(servers: readonly ServerRef[]): Promise<void>
  /** Notes servers that stay out of rotation although no walk watches them any more. */
  leave(servers: readonly ServerRef[], by: { deploymentId: string; host: string }): Promise<void>
  listLeft(): Promise<LeftServer[]>
  /** Notes in which process of its box a left server was seen held, or was held `again`; nothing when it is left no more. */
  noteHeld(left: LeftServer, seen: { process: string; again: boolean }): Promise<void>
}

/**
 * Who works on which machine and server: one owner at a time, across deployments, applications, names and nodes. An owner whose
 * host is no longer walked, by its record, owns nothing any more.
 */
export interface Owners {
  /** Takes all of the resources, or none: then returns an owner who has one of them. What is its own already stays so. */
  take(resources: readonly Resource[], owner: Owner): Promise<Owner | undefined>
  free(resources: readonly Resource[], ownerId: string): Promise<void>
  /** The owners of the resources, in their order. */
  find(resources: readonly Resource[]): Promise<(Owner | undefined)[]>
  /** For each of the scopes, the owners of resources in it that belong to other deployments than this one. */
  listOthers(scopes: readonly string[], deploymentId: string): Promise<Owner[][]>
}

/** Something that one owner has at a time: a machine, or a server of the backend that is its scope. */
export interface Resource {
  scope: string
  name: string
}

/** Who owns something: the walk of a host, or for `lifetimeMs` at a time someone else. */
export interface Owner {
  id: string
  /** For people: `d-7 (billing)`. */
  name: string
  /** The walk whose record tells whether it still goes on. */
  walk?: { deploymentId: string; host: string; attempt: number } | undefined
  /** For an owner without a record: it has to take the resources again within this time. */
  lifetimeMs?: number | undefined
  /** How many servers its deployment wants to stay in service in the backends of its servers. */
  minHealthy?: number | string | undefined
}

/** A server that the walk of a host, at its end, left out of rotation. */
export interface LeftServer {
  server: ServerRef
  deploymentId: string
  host: string
  /** The process of its box in which it was seen held last; absent until somebody has looked. */
  heldIn?: string | undefined
  /** When it was last held again, since its box had forgotten. */
  heldAgainAt?: string | undefined
}

/** A server as it was before the first change, and the weights that it may be given until it is so again. */
export interface NotedServer {
  server: ServerState
  weights: number[]
}

/** One server that was taken out: as it was before, by which deployment, for which host, and when. */
export interface JournalEntry extends NotedServer {
  deploymentId: string
  host: string
  notedAt: string
  /** Whether a person has taken it out of rotation since. */
  isHeldByPerson?: true | undefined
  /** When it was last held again, since its box had forgotten; absent as long as it had not. */
  heldAgainAt?: string | undefined
}

/** Starts the walks of hosts on whichever worker is free. */
export interface HostJobs {
  /** Adds the host's job, or finds the one that is there. Its successor is the host whose turn is when it has ended. */
  start(deploymentId: string, host: string, successor?: string): Promise<void>
  /** Whether a job is there that will still run, or runs: a host in flight without one is started again. */
  isAlive(deploymentId: string, host: string): Promise<boolean>
}

/** Tells people outside what has become of a deployment. */
export interface Notices {
  /**
   * Sees to it that everything in the record up to now will be told, once each, to those whom the application's settings
   * name. It waits for none of them, may be repeated, and never fails: a deployment goes on whether or not anybody hears.
   */
  catchUp(deployment: NoticedDeployment): Promise<void>
}

/** What notices say of their deployment. */
export type NoticedDeployment = Pick<Deployment, 'id' | 'spec' | 'requestedBy'>

/** Mutual exclusion between workers. A lock whose holder died falls free by itself. */
export interface Locks {
  /**
   * Runs `task` while holding every one of the locks; waits for them at most `waitMs`, in sorted order. A task whose lease is
   * lost before it has acted is run again, from its first look on, with the locks taken anew.
   * @throws {VesemirError} `LOCK_HELD` when the locks do not come free in time, `LOCK_LOST` when they were lost until then
   */
  hold<Result>(
    names: readonly string[],
    options: { waitMs: number; signal?: AbortSignal | undefined },
    task: (lease: Lease) => Promise<Result>,
  ): Promise<Result>
}

/** The locks that a task holds, for as long as they are renewed. */
export interface Lease {
  /**
   * Renews the locks: called right before each act that relies on them. Returns a signal that is aborted well before they
   * could run out, which bounds the act.
   * @throws {VesemirError} `LOCK_LOST` when one of them has run out, which `hold` answers
   */
  confirm(): Promise<AbortSignal>
}
