/**
 * Every failure that a user can meet: the HTTP status of the API's answer, the CLI's exit code, and what to do next.
 * A code is never renamed. docs/errors.md is made from this table.
 */
export const errorTable = {
  REQUEST_INVALID: { status: 400, exit: 2, hint: 'Mend the named fields and send the request again.' },
  UNAUTHENTICATED: { status: 401, exit: 4, hint: 'Give a valid token: VESEMIR_TOKEN, or --token.' },
  SIGN_IN_LIMITED: {
    status: 429,
    exit: 4,
    hint: 'Wait a minute, then sign in with a token that is right: the one that the command line has as VESEMIR_TOKEN.',
  },
  FORBIDDEN: { status: 403, exit: 4, hint: 'Ask for a token of a role that may do this.' },
  ORIGIN_REFUSED: {
    status: 403,
    exit: 4,
    hint: "Open Vesemir at its own address, and see that the API's setting `url` is that address.",
  },
  NOT_FOUND: { status: 404, exit: 2, hint: 'See the address: /docs lists them all.' },
  APPLICATION_UNKNOWN: { status: 404, exit: 2, hint: 'Register it: vesemir apps apply -f app.yml' },
  DEPLOYMENT_UNKNOWN: { status: 404, exit: 2, hint: 'See which there are: vesemir list' },
  DEPLOYMENT_REMOVED: {
    status: 410,
    exit: 2,
    hint: "Its record is gone for good: the worker's setting `retention` says how long they are kept.",
  },
  ENVIRONMENT_UNKNOWN: { status: 422, exit: 2, hint: "Name one of the application's environments, or add it to them." },
  CLUSTER_UNKNOWN: { status: 422, exit: 2, hint: "Name a cluster of the API's settings, or add it there." },
  SETTINGS_MISSING: { status: 422, exit: 2, hint: 'Add them to the application: vesemir apps apply -f app.yml' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, exit: 2, hint: 'Use a new Idempotency-Key for a request that differs.' },
  API_UNREACHABLE: { status: 503, exit: 7, hint: 'Check --url (VESEMIR_URL) and that the API runs.' },
  REDIS_UNREACHABLE: { status: 503, exit: 7, hint: 'Check that Redis runs and that VESEMIR_REDIS_URL names it.' },
  WORKER_TIMED_OUT: {
    status: 504,
    exit: 7,
    hint: 'Check that a worker of the cluster runs, and that it reaches the inventory and the HAProxy boxes.',
  },
  INTERNAL: {
    status: 500,
    exit: 1,
    hint: 'This is a bug in Vesemir: report it with the log of the API and of the worker.',
  },
  CONFIG_INVALID: { status: 500, exit: 2, hint: 'Fix the named setting or file.' },
  STANDALONE_RUNS: { status: 409, exit: 5, hint: 'End that one first, or name another folder: --data' },
  STANDALONE_FAILED: { status: 500, exit: 1, hint: 'Mend what its log says, then start again: the data are kept.' },

  PLAN_EMPTY: { status: 422, exit: 1, hint: 'Check environment, team and tags against the inventory.' },
  PLAN_NO_BOXES: { status: 422, exit: 1, hint: 'Check loadBalancer.boxes against the inventory.' },
  INVENTORY_UNREACHABLE: {
    status: 502,
    exit: 1,
    hint: "Check that the Chef server runs and that the worker reaches it, or run the inventory's command by hand.",
  },
  INVENTORY_REFUSED: {
    status: 502,
    exit: 1,
    hint: "Check the worker's Chef client name and key, and the clock of Redis's machine.",
  },
  INVENTORY_ANSWER_INVALID: {
    status: 502,
    exit: 1,
    hint: "Check the worker's Chef server URL, its organisation included, or what the inventory's command prints.",
  },
  INVENTORY_INCOMPLETE: {
    status: 502,
    exit: 1,
    hint: 'Let the inventory show every machine: for Chef, give the worker\'s client "read" on all nodes. Then plan again.',
  },
  QUERY_INVALID: { status: 422, exit: 2, hint: 'Write terms of field:value joined by AND.' },
  HOST_UNUSABLE: { status: 422, exit: 1, hint: 'Mend what the inventory says of the host.' },
  HOST_DUPLICATE: {
    status: 422,
    exit: 1,
    hint: 'Delete the old node or alias, or narrow the search so that one name is left.',
  },
  HOST_STALE: {
    status: 422,
    exit: 1,
    hint: "Run chef-client on it, delete its node when the machine is gone, or see the inventory's onStale.",
  },
  HOST_UNKNOWN: { status: 422, exit: 2, hint: 'Name hosts of the deployment: vesemir status ID' },
  HOST_GONE: {
    status: 409,
    exit: 1,
    hint: 'Leave it out: vesemir retry ID --without HOST. If the machine is still there, run chef-client on it, then retry.',
  },
  HOST_KEY_MISSING: { status: 422, exit: 1, hint: 'Run chef-client on the host, or add its key to known_hosts.' },

  SSH_NAME_UNKNOWN: { status: 502, exit: 1, hint: "Check the host's address in the inventory, and the worker's DNS." },
  SSH_REFUSED: { status: 502, exit: 1, hint: 'Check that sshd runs on the host, and on that port.' },
  SSH_TIMED_OUT: {
    status: 504,
    exit: 1,
    hint: 'Check that the host is up and that no firewall drops what the worker sends to its SSH port.',
  },
  SSH_UNREACHABLE: {
    status: 502,
    exit: 1,
    hint: 'Check that the host is up and that its SSH port is open to the worker.',
  },
  SSH_HOST_KEY_MISMATCH: {
    status: 502,
    exit: 1,
    hint: 'If the machine was reinstalled, run chef-client on it. If not, someone may stand in between.',
  },
  SSH_AUTH_FAILED: { status: 502, exit: 1, hint: "Check the worker's SSH user and key on that host." },
  SSH_CHANNEL_REFUSED: {
    status: 502,
    exit: 1,
    hint: 'Check MaxSessions and AllowTcpForwarding in the sshd_config of the host and of its jump host.',
  },
  SSH_CONNECTION_LOST: { status: 502, exit: 1, hint: 'Check the host and the network, then retry.' },
  SUDO_REFUSED: { status: 502, exit: 1, hint: "Check the worker's remoteShell.sudo, and sudoers on the host." },
  SCRIPT_NOT_RUN: {
    status: 502,
    exit: 1,
    hint: "Check the SSH user's login shell and its start-up files (.bashrc), and ForceCommand in the host's sshd_config.",
  },
  COMMAND_FAILED: { status: 502, exit: 1, hint: "Read the step's output: vesemir logs ID --host HOST" },
  COMMAND_TIMED_OUT: { status: 504, exit: 1, hint: 'Find out what it waits for, or give it a longer timeout.' },

  BACKEND_UNKNOWN: {
    status: 422,
    exit: 1,
    hint: "Check loadBalancer.backends against the box's haproxy.cfg (names are case-sensitive).",
  },
  SERVER_UNKNOWN: {
    status: 422,
    exit: 1,
    hint: "Name the server as the host, or give it the host's address, in haproxy.cfg.",
  },
  SERVER_AMBIGUOUS: { status: 422, exit: 1, hint: 'Say which port is meant: loadBalancer.serverPort' },
  HAPROXY_REFUSED: { status: 502, exit: 1, hint: 'See what HAProxy answered.' },
  HAPROXY_PERMISSION: { status: 502, exit: 1, hint: 'Give the socket "level admin" and the SSH user access to it.' },
  HAPROXY_UNREACHABLE: { status: 502, exit: 1, hint: 'Check that HAProxy runs and where its admin socket is.' },
  HAPROXY_RELOADED: { status: 502, exit: 1, hint: 'Retry: HAProxy was reloaded and forgot drains and weights.' },
  SERVER_NOT_IN_SERVICE: { status: 409, exit: 1, hint: 'Someone else drained it. Put it back, or leave the host out.' },
  HOST_IN_USE: { status: 409, exit: 5, hint: 'Wait for the other deployment, or cancel it; then retry this one.' },
  CAPACITY_LOW: {
    status: 409,
    exit: 5,
    hint: 'Accept it with --yes (acceptLowCapacity: true), lower concurrency, or raise loadBalancer.minHealthy.',
  },
  GUARD_REFUSED: { status: 409, exit: 5, hint: 'Bring the other servers back, or lower loadBalancer.minHealthy.' },
  DRAIN_TIMED_OUT: {
    status: 504,
    exit: 1,
    hint: 'Give it longer (drainDeadline), or set onDrainTimeout to proceed or cut.',
  },
  SERVICE_FAILED: { status: 502, exit: 1, hint: 'Read the last lines of its log: vesemir logs ID --host HOST' },
  HEALTH_CHECK_FAILED: {
    status: 502,
    exit: 1,
    hint: "Read the application's own log on the host. It gets no traffic meanwhile.",
  },
  VERSION_CHANGED: {
    status: 502,
    exit: 1,
    hint: 'Find out what restarted the service since: chef-client, another unit, a person.',
  },
  SERVER_UNHEALTHY: {
    status: 502,
    exit: 1,
    hint: "HAProxy's own check does not pass: compare its httpchk with the application.",
  },
  SERVER_WORSE: {
    status: 502,
    exit: 1,
    hint: 'Compare it with its peers in HAProxy, and read its log: it is drained.',
  },
  ARTIFACT_UNAVAILABLE: { status: 502, exit: 1, hint: 'Check changeset.url and that the worker may read it.' },
  ARTIFACT_MISMATCH: { status: 422, exit: 1, hint: 'Check changeset.sha256, and who changed the artifact.' },
  ARTIFACT_INVALID: {
    status: 422,
    exit: 1,
    hint: 'Build it as a tar.gz, a tar.zst or a zip of files that all stay in one folder, and publish it whole.',
  },
  REPOSITORY_UNAVAILABLE: {
    status: 502,
    exit: 1,
    hint: 'Check changeset.repository, and that the worker may read it.',
  },
  REVISION_UNKNOWN: {
    status: 422,
    exit: 1,
    hint: 'Check the version and changeset.revision, and push what is missing.',
  },
  DISK_SPACE_LOW: { status: 507, exit: 1, hint: 'Make room on the host, or lower changeset.keepReleases.' },
  HOST_TOOL_MISSING: { status: 502, exit: 1, hint: 'Install it on the host.' },
  RELEASE_CHANGED: {
    status: 409,
    exit: 1,
    hint: 'Find out who changed it: vesemir hosts. Then deploy the version that should run.',
  },
  ROLLBACK_UNAVAILABLE: { status: 409, exit: 1, hint: 'Deploy the version that is to run instead.' },

  NOTIFICATION_REFUSED: {
    status: 502,
    exit: 1,
    hint: "Check the recipient under `notifications` in the worker's settings, then run its job again at /queues.",
  },
  NOTIFICATION_FAILED: { status: 502, exit: 1, hint: 'Check that the recipient is up: it is tried again by itself.' },

  HOSTS_FAILED: {
    status: 409,
    exit: 1,
    hint: 'See why: vesemir status ID. A host whose version was not touched is back in rotation; any other gets no traffic until a deployment succeeds on it.',
  },
  DEPLOYMENT_RUNS: { status: 409, exit: 5, hint: 'Wait for it, or let this one queue: without --no-wait.' },
  COMMAND_REFUSED: { status: 409, exit: 5, hint: 'See how the deployment stands: vesemir status ID' },
  DEPLOYMENT_SUPERSEDED: {
    status: 409,
    exit: 5,
    hint: 'Deploy the version that should run. An admin can pass --force with --reason, for hosts that still run what ID left.',
  },
  GATE_REJECTED: { status: 409, exit: 1, hint: 'Bring the release before back: vesemir rollback ID' },
  GATE_TIMED_OUT: { status: 409, exit: 1, hint: 'Go on with the rest: vesemir retry ID. Or back: vesemir rollback ID' },
  ROLLED_BACK: { status: 409, exit: 8, hint: 'See why: vesemir logs ID. Mend it, then deploy again.' },
  DEPLOYMENTS_LOCKED: { status: 423, exit: 5, hint: 'Wait for vesemir unlock, or ask an admin to --override.' },
  CANCELLED: { status: 409, exit: 3, hint: 'Deploy again when ready.' },
  LOCK_HELD: {
    status: 409,
    exit: 5,
    hint: 'Another deployment works on the same servers: wait for it, or see vesemir list.',
  },
  LOCK_LOST: { status: 409, exit: 1, hint: 'Retry: Redis was unavailable, or the worker was suspended, for too long.' },
  FENCE_LOST: { status: 409, exit: 1, hint: 'Another worker took over; it goes on there.' },
  DEPLOYMENT_ENDED: { status: 409, exit: 5, hint: 'Deploy again: this deployment has ended.' },
} as const satisfies Record<string, { status: number; exit: number; hint: string }>

export type ErrorCode = keyof typeof errorTable

/** The one error class: something that the caller cannot repair, with its code and a sentence for people. */
export class VesemirError extends Error {
  override readonly name = 'VesemirError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>

  /** `message` says what happened and where. `details` must hold no secrets: it may be logged. */
  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: Record<string, unknown> } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }
}

/** Tells whether an error is a `VesemirError`, of one of the codes when some are given. */
export function isVesemirError(error: unknown, ...codes: ErrorCode[]): error is VesemirError {
  return error instanceof VesemirError && (codes.length === 0 || codes.includes(error.code))
}

/** Tells an error as the record keeps it. What is not a `VesemirError` is a bug, and says so. */
export function toFailure(error: unknown): { code: string; message: string; hint: string } {
  if (isVesemirError(error)) return { code: error.code, message: error.message, hint: errorTable[error.code].hint }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'INTERNAL', message, hint: errorTable.INTERNAL.hint }
}
