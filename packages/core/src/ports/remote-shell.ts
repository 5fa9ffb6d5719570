import type { HostTarget, LogLine } from '@vesemir/contract'

/** Opens sessions on machines. */
export interface RemoteShell {
  /**
   * Connects, verifies the host's key against `target.hostKeys`, and authenticates.
   * @throws {VesemirError} `SSH_NAME_UNKNOWN`, `SSH_REFUSED`, `SSH_TIMED_OUT`, `SSH_UNREACHABLE`, `SSH_HOST_KEY_MISMATCH`,
   * `SSH_AUTH_FAILED`; `SSH_CHANNEL_REFUSED` by a jump host
   */
  connect(target: HostTarget, signal?: AbortSignal): Promise<RemoteSession>
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

/** What asks a machine's services, and those that it reaches. */
export type Probes = Pick<RemoteSession, 'httpGet' | 'tcpProbe' | 'proveProbes'>

export interface RunOptions {
  /** What the script is for, in a few words: what stands in a trace instead of its text. */
  name?: string | undefined
  timeoutMs: number
  signal?: AbortSignal | undefined
  /** Environment variables for the command. They are part of its command line, which all users of the host can read. */
  env?: Readonly<Record<string, string>>
  /** Environment variables that may be secret: they are sent over standard input, before `input`. */
  secretEnv?: Readonly<Record<string, string>> | undefined
  /**
   * That the script is Vesemir's own, which shares a shell with others: it has no `exec` and no trap for EXIT, and leaves nothing
   * running. What it does at its end, however that comes, is a function `at_end`.
   */
  isOwn?: boolean
  /** Sent to its standard input, which is then closed. A chunk may be overwritten when the next is asked for. */
  input?: AsyncIterable<Uint8Array>
  /** Called for each line of output as it comes. */
  onLine?: OnLine
}

/**
 * Takes a line of output. A promise that it gives is waited for before more is read, so that the host waits, rather than
 * that lines are lost or pile up.
 */
export type OnLine = ((line: LogLine) => void) | ((line: LogLine) => Promise<void> | undefined)

/** Where to ask, and from where: the host itself when not said. */
export interface ProbeTarget {
  address: string
  port: number
  from?: 'host' | 'worker' | undefined
}

export interface ProbeOptions {
  timeoutMs: number
  signal?: AbortSignal | undefined
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
