/**
 * Every failure that a user can meet: the HTTP status of the API's answer, the CLI's exit code, and what to do next.
 * A code is never renamed. docs/errors.md is made from this table.
 */
export const errorTable = {
  REQUEST_INVALID: { status: 400, exit: 2, hint: 'Fix the named fields and send the request again.' },
  UNAUTHENTICATED: { status: 401, exit: 4, hint: 'Pass a valid token: VESEMIR_TOKEN or --token.' },
  SIGN_IN_LIMITED: {
    status: 429,
    exit: 4,
    hint: 'Wait a minute, then sign in with a valid token, the one that the CLI reads from VESEMIR_TOKEN.',
  },
  FORBIDDEN: {
    status: 403,
    exit: 4,
    hint: 'See what you may do: vesemir whoami. Ask an admin for a grant that covers this.',
  },
  TOKEN_REFUSED: {
    status: 409,
    exit: 5,
    hint: 'List the tokens, and revoke those that nobody needs: vesemir tokens list',
  },
  TOKEN_UNKNOWN: { status: 404, exit: 2, hint: 'List the tokens: vesemir tokens list' },
  TOKENS_UNAVAILABLE: {
    status: 501,
    exit: 1,
    hint: "Set cookieSecret in the API's settings, or VESEMIR_COOKIE_SECRET, to the same in all API processes.",
  },
  ID_TOKEN_REFUSED: {
    status: 403,
    exit: 4,
    hint: "Compare the issuer, audience and claims of the job's ID token with `ci` in the API's settings.",
  },
  GRANT_MISSING: {
    status: 403,
    exit: 4,
    hint: "Ask an admin to add a grant for you, or for one of your groups, to the API's settings. Then sign in again.",
  },
  PROVIDER_UNKNOWN: {
    status: 404,
    exit: 2,
    hint: "Use a name from signIn in the API's settings, or sign in with a token.",
  },
  PROVIDER_FAILED: {
    status: 502,
    exit: 7,
    hint: "Check that the identity provider is up, and its entry of signIn in the API's settings. Then sign in again.",
  },
  SIGN_IN_REFUSED: {
    status: 403,
    exit: 4,
    hint: 'Sign in again: vesemir login, or /sign-in in a browser. If it is refused again, show this to an admin.',
  },
  ENVIRONMENT_PROTECTED: {
    status: 403,
    exit: 4,
    hint: 'Keep to the rules of the environment, or have another person approve: see `protections` in docs/api.md.',
  },
  ENVIRONMENT_FROZEN: {
    status: 423,
    exit: 5,
    hint: 'Deploy after the freeze, or ask an admin to deploy with --override.',
  },
  CLUSTER_REFUSED: {
    status: 403,
    exit: 4,
    hint: "Change what is named, or have whoever runs the workers accept it: `accept` in the worker's settings.",
  },
  ORIGIN_REFUSED: {
    status: 403,
    exit: 4,
    hint: "Open Vesemir at its own address, and set `url` in the API's settings to that address.",
  },
  NOT_FOUND: { status: 404, exit: 2, hint: 'Check the address: /docs lists all of them.' },
  APPLICATION_UNKNOWN: { status: 404, exit: 2, hint: 'Register it: vesemir apps apply -f app.yml' },
  DEPLOYMENT_UNKNOWN: { status: 404, exit: 2, hint: 'List the deployments: vesemir list' },
  DEPLOYMENT_REMOVED: {
    status: 410,
    exit: 2,
    hint: "`retention` in the worker's settings sets how long records are kept. Look in the archive, if there is one: see docs/backup.md.",
  },
  ARCHIVE_MISSING: {
    status: 404,
    exit: 2,
    hint: "Set `archive` in the API's settings as in those of the workers: see docs/backup.md.",
  },
  DEPLOYMENT_LOST: {
    status: 410,
    exit: 2,
    hint: 'Redis was restored without it. Find servers that it left out of rotation: vesemir recover APPLICATION',
  },
  ENVIRONMENT_UNKNOWN: {
    status: 422,
    exit: 2,
    hint: "Use one of the application's environments, or add this one to them.",
  },
  CLUSTER_UNKNOWN: { status: 422, exit: 2, hint: "Use a cluster from the API's settings, or add this one there." },
  SETTINGS_MISSING: {
    status: 422,
    exit: 2,
    hint: 'Add the missing settings to the application: vesemir apps apply -f app.yml',
  },
  IDEMPOTENCY_KEY_REUSED: { status: 422, exit: 2, hint: 'Use a new Idempotency-Key for a different request.' },
  API_UNREACHABLE: { status: 503, exit: 7, hint: 'Check --url (VESEMIR_URL) and that the API is running.' },
  REDIS_UNREACHABLE: {
    status: 503,
    exit: 7,
    hint: 'Check that Redis is running and that VESEMIR_REDIS_URL is its address.',
  },
  REDIS_REFUSES: {
    status: 503,
    exit: 7,
    hint: 'Fix what the message says of Redis, then try again. Nothing was started.',
  },
  REDIS_OUT_OF_MEMORY: {
    status: 503,
    exit: 7,
    hint: 'Raise maxmemory of Redis, or keep fewer deployments (retention of workers). Nothing was started.',
  },
  REDIS_CANNOT_SAVE: {
    status: 503,
    exit: 7,
    hint: 'Free the disk of Redis, or let Redis write to its folder; its log says more. Nothing was started.',
  },
  REDIS_LACKS_REPLICAS: {
    status: 503,
    exit: 7,
    hint: 'Bring the replicas of Redis back, or lower its min-replicas-to-write. Nothing was started.',
  },
  REDIS_IS_REPLICA: {
    status: 503,
    exit: 7,
    hint: 'Wait until the fail-over has ended. If it has, let the address lead to the primary, or name Sentinels (redis.sentinels).',
  },
  REDIS_LOADING: { status: 503, exit: 7, hint: 'Wait: Redis answers when it has read its files.' },
  REDIS_SIGN_IN_FAILED: {
    status: 503,
    exit: 7,
    hint: 'Check the user and the password of Redis in the settings of the API and of workers.',
  },
  REDIS_FORBIDS: {
    status: 503,
    exit: 7,
    hint: 'Give the user of Redis the rights that docs/security.md lists. Nothing was started.',
  },
  REDIS_NOT_REPLICATED: {
    status: 503,
    exit: 7,
    hint: 'Bring the replicas of Redis back, then: vesemir retry. To do with fewer, lower redisReplicas.count of workers.',
  },
  REDIS_UNSAFE: {
    status: 503,
    exit: 7,
    hint: 'Fix what the message says of Redis. To start all the same, set redis.unsafe to warn.',
  },
  ARCHIVE_FAILED: {
    status: 503,
    exit: 7,
    hint: 'Fix what the message says of the folder or bucket of the archive. Nothing is removed before it is archived.',
  },
  WORKER_TIMED_OUT: {
    status: 504,
    exit: 7,
    hint: 'Check that a worker of the cluster is running and can reach the inventory and the load balancer boxes.',
  },
  WORKER_UNKNOWN: { status: 404, exit: 2, hint: 'List the workers: vesemir workers' },
  WORKER_NEEDED: {
    status: 409,
    exit: 5,
    hint: 'Start another worker of the cluster first: without one its deployments stop where they are.',
  },
  SCHEMA_TOO_NEW: {
    status: 503,
    exit: 7,
    hint: 'Run the version that the message names, or a newer one, in all processes: see docs/upgrading.md.',
  },
  RECORD_INVALID: {
    status: 422,
    exit: 1,
    hint: 'Update workers and API to the same version. If they are, find out who else writes to Redis.',
  },
  JOB_INVALID: { status: 422, exit: 1, hint: 'Delete the job at /queues, and find out who else writes to Redis.' },
  ORDER_NOT_SIGNED: {
    status: 422,
    exit: 1,
    hint: 'Find out who else writes to Redis. What was stored before signing was set up: register or deploy it again.',
  },
  ORDER_FORGED: {
    status: 422,
    exit: 1,
    hint: 'Find out who else writes to Redis. If keys were just rotated, give API and workers the new public keys, then deploy again.',
  },
  ORDER_EXPIRED: {
    status: 410,
    exit: 1,
    hint: "Ask again. `orders.maxAge` in the worker's settings is how long an order may wait.",
  },
  ORDER_MISDIRECTED: {
    status: 422,
    exit: 1,
    hint: 'Find out who else writes to Redis: the order was signed for another cluster.',
  },
  INTERNAL: {
    status: 500,
    exit: 1,
    hint: 'This is a bug in Vesemir. Report it with the logs of the API and the worker.',
  },
  CONFIG_INVALID: { status: 500, exit: 2, hint: 'Fix the named setting or file.' },
  STANDALONE_RUNS: { status: 409, exit: 5, hint: 'Stop the other one first, or use another folder: --data' },
  STANDALONE_FAILED: { status: 500, exit: 1, hint: 'Fix what its log reports, then start again. The data are kept.' },

  PLAN_EMPTY: { status: 422, exit: 1, hint: 'Check environment, team and tags against the inventory.' },
  PLAN_NO_BOXES: { status: 422, exit: 1, hint: 'Check loadBalancer.boxes against the inventory.' },
  PLAN_UNKNOWN: { status: 404, exit: 2, hint: 'Plans are kept for 24 hours. Make a new one: vesemir plan' },
  PLAN_CHANGED: { status: 409, exit: 5, hint: 'Look at a new plan, and deploy that: vesemir plan' },
  HOSTS_UNASKED: {
    status: 502,
    exit: 1,
    hint: 'Make the named hosts reachable, then ask again; or deploy the version to all hosts.',
  },
  HOSTS_LEFT_OUT: {
    status: 409,
    exit: 5,
    hint: 'Find out why, then run the command that is named, or give the host its version: vesemir deploy APPLICATION -e ENVIRONMENT --version VERSION --hosts HOST',
  },
  CONVERGE_UNSETTLED: {
    status: 409,
    exit: 5,
    hint: 'Wait for the deployment in progress, or deploy a version to all hosts; retry or roll back one that failed.',
  },
  CONVERGE_OUTDATED: { status: 409, exit: 5, hint: 'Converge again: vesemir converge APPLICATION -e ENVIRONMENT' },
  CONVERGE_RELEASE_CHANGED: {
    status: 409,
    exit: 5,
    hint: 'Deploy the version to all hosts: vesemir deploy. Its artifact, a setting of its changeset or a variable has changed.',
  },
  INVENTORY_UNREACHABLE: {
    status: 502,
    exit: 1,
    hint: "Check that the Chef server is running and that the worker can reach it, or run the inventory's command by hand.",
  },
  INVENTORY_REFUSED: {
    status: 502,
    exit: 1,
    hint: "Check the worker's Chef client name and key, and the clock of the machine that runs Redis.",
  },
  INVENTORY_ANSWER_INVALID: {
    status: 502,
    exit: 1,
    hint: "Check the worker's Chef server URL, its organisation included, or what the inventory's command prints.",
  },
  INVENTORY_INCOMPLETE: {
    status: 502,
    exit: 1,
    hint: 'Let the inventory show every machine: in Chef, grant the worker\'s client "read" on all nodes. Then plan again.',
  },
  QUERY_INVALID: { status: 422, exit: 2, hint: 'Write field:value terms joined by AND.' },
  HOST_UNUSABLE: { status: 422, exit: 1, hint: 'Fix the host in the inventory.' },
  HOST_DUPLICATE: {
    status: 422,
    exit: 1,
    hint: 'Delete the old node or alias, or narrow the search to one of the names.',
  },
  HOST_STALE: {
    status: 422,
    exit: 1,
    hint: 'Run chef-client on the host, delete its node if the machine is gone, or change onStale of the inventory.',
  },
  HOST_UNKNOWN: { status: 422, exit: 2, hint: 'Use one of the hosts: vesemir status ID, vesemir hosts APPLICATION' },
  HOST_IN_INVENTORY: {
    status: 409,
    exit: 5,
    hint: 'Take the host out of the inventory first; only hosts that have left it are forgotten.',
  },
  HOST_GONE: {
    status: 409,
    exit: 1,
    hint: 'Leave the host out: vesemir retry ID --without HOST. If the machine still exists, run chef-client on it, then retry.',
  },
  MACHINE_REFUSED: {
    status: 422,
    exit: 1,
    hint: "Find out who changed the machine in the inventory. If it is right, add it to `machines` in the worker's settings.",
  },
  HOST_KEY_MISSING: { status: 422, exit: 1, hint: 'Run chef-client on the host, or add its key to known_hosts.' },

  SSH_NAME_UNKNOWN: { status: 502, exit: 1, hint: "Check the host's address in the inventory, and the worker's DNS." },
  SSH_REFUSED: { status: 502, exit: 1, hint: 'Check that sshd is running on the host, on that port.' },
  SSH_TIMED_OUT: {
    status: 504,
    exit: 1,
    hint: 'Check that the host is up and that no firewall drops packets from the worker to its SSH port.',
  },
  SSH_UNREACHABLE: {
    status: 502,
    exit: 1,
    hint: 'Check that the host is up and that its SSH port is open to the worker.',
  },
  SSH_HOST_KEY_MISMATCH: {
    status: 502,
    exit: 1,
    hint: 'If the machine was reinstalled, run chef-client on it. If not, the connection may be intercepted.',
  },
  SSH_AUTH_FAILED: { status: 502, exit: 1, hint: "Check the worker's SSH user and key on that host." },
  SSH_CERTIFICATE_UNAVAILABLE: {
    status: 502,
    exit: 1,
    hint: "Run remoteShell.certificateCommand by hand, as the worker's user, with VESEMIR_PURPOSE=checks: a public key on its standard input, its certificate on standard output.",
  },
  SSH_CHANNEL_REFUSED: {
    status: 502,
    exit: 1,
    hint: 'Check MaxSessions and AllowTcpForwarding in sshd_config on the host and on its jump host.',
  },
  SSH_CONNECTION_LOST: { status: 502, exit: 1, hint: 'Check the host and the network, then retry.' },
  SUDO_REFUSED: {
    status: 502,
    exit: 1,
    hint: "Check remoteShell.sudo in the worker's settings, and sudoers on the host.",
  },
  SCRIPT_NOT_RUN: {
    status: 502,
    exit: 1,
    hint: "Check the SSH user's login shell and start-up files (.bashrc), and ForceCommand in sshd_config on the host.",
  },
  COMMAND_FAILED: { status: 502, exit: 1, hint: 'Show the output of the step: vesemir logs ID --host HOST' },
  COMMAND_TIMED_OUT: { status: 504, exit: 1, hint: 'Find out what the command waits for, or raise its timeout.' },

  BACKEND_UNKNOWN: {
    status: 422,
    exit: 1,
    hint: 'Compare loadBalancer.backends with the configuration of the box. Names are case-sensitive.',
  },
  SERVER_UNKNOWN: {
    status: 422,
    exit: 1,
    hint: "In the load balancer's configuration, give the server its host's name or address; or set hosts: some or boxes: some for that backend.",
  },
  SERVER_AMBIGUOUS: {
    status: 422,
    exit: 1,
    hint: "Give the server its host's address on the load balancer, or correct the host's address in the inventory.",
  },
  SERVER_NOT_LISTED: {
    status: 422,
    exit: 1,
    hint: 'Add its backend to loadBalancer.backends, or accept that it keeps its traffic: loadBalancer.otherServers: ignore',
  },
  SERVER_WITHOUT_HOST: {
    status: 422,
    exit: 1,
    hint: 'Add the machine to the inventory, remove the server from the load balancer, or set unmatchedServers: warn',
  },
  SERVER_MOVED: {
    status: 409,
    exit: 1,
    hint: 'Check what is still drained: vesemir lb doctor. Then retry: the servers are located again.',
  },
  LOAD_BALANCER_REFUSED: { status: 502, exit: 1, hint: 'Read what the load balancer answered.' },
  LOAD_BALANCER_PERMISSION: {
    status: 502,
    exit: 1,
    hint: 'Set "level admin" on the socket, and give the SSH user access to it.',
  },
  LOAD_BALANCER_UNREACHABLE: {
    status: 502,
    exit: 1,
    hint: 'Check that HAProxy is running, and the path of its admin socket.',
  },
  LOAD_BALANCER_RELOADED: {
    status: 502,
    exit: 1,
    hint: 'Retry. The load balancer was reloaded and lost its drains and weights.',
  },
  SERVER_NOT_IN_SERVICE: {
    status: 409,
    exit: 1,
    hint: 'Someone else drained the server. Enable it, or exclude the host.',
  },
  HOST_IN_USE: { status: 409, exit: 5, hint: 'Wait for the other deployment or cancel it, then retry this one.' },
  CAPACITY_LOW: {
    status: 409,
    exit: 5,
    hint: 'Lower concurrency, raise loadBalancer.minHealthy, or accept the risk with --yes (acceptLowCapacity: true).',
  },
  GUARD_REFUSED: {
    status: 409,
    exit: 5,
    hint: 'Bring the other servers back into service, or lower loadBalancer.minHealthy.',
  },
  DRAIN_TIMED_OUT: {
    status: 504,
    exit: 1,
    hint: 'Raise drainDeadline, or set onDrainTimeout to proceed or cut.',
  },
  SERVICE_FAILED: { status: 502, exit: 1, hint: 'Show the last lines of its log: vesemir logs ID --host HOST' },
  HEALTH_CHECK_FAILED: {
    status: 502,
    exit: 1,
    hint: "Read the application's own log on the host. The host receives no traffic meanwhile.",
  },
  VERSION_CHANGED: {
    status: 502,
    exit: 1,
    hint: 'Find out what restarted the service: chef-client, another unit, a person.',
  },
  SERVER_UNHEALTHY: {
    status: 502,
    exit: 1,
    hint: "Compare the load balancer's own health check with what the application answers.",
  },
  SERVER_WORSE: {
    status: 502,
    exit: 1,
    hint: 'Compare the server with its peers on the load balancer, and read its log. It is drained.',
  },
  ARTIFACT_UNAVAILABLE: { status: 502, exit: 1, hint: 'Check changeset.url, and that the worker may read it.' },
  ARTIFACT_SERVER_FAILED: {
    status: 502,
    exit: 1,
    hint: 'Check the artifact server and any proxy before it, then retry. No host is at fault.',
  },
  ARTIFACT_MISMATCH: { status: 422, exit: 1, hint: 'Check changeset.sha256, and find out who changed the artifact.' },
  ARTIFACT_UNSIGNED: {
    status: 422,
    exit: 1,
    hint: 'Sign the artifact with a key that the workers know: minisign -S -m FILE, and publish FILE.minisig beside it.',
  },
  ARTIFACT_INVALID: {
    status: 422,
    exit: 1,
    hint: 'Build a tar or a zip whose files all stay in one folder and publish it whole, or set unpack to false.',
  },
  TEMPLATE_INVALID: {
    status: 422,
    exit: 1,
    hint: "Fix the template in the artifact, or add the variable to the application's variables.",
  },
  ARTIFACT_TOO_LARGE: {
    status: 422,
    exit: 1,
    hint: "Publish a smaller artifact, or raise maxBytes or maxUnpackedBytes of changesets.artifact in the worker's settings.",
  },
  ADDRESS_REFUSED: {
    status: 422,
    exit: 1,
    hint: "Use another address, or add this one to changesets.artifact.allow in the worker's settings.",
  },
  REPOSITORY_UNAVAILABLE: {
    status: 502,
    exit: 1,
    hint: 'Check changeset.repository, and that the worker may read it.',
  },
  REVISION_UNKNOWN: {
    status: 422,
    exit: 1,
    hint: 'Check the version and changeset.revision, and push the missing commit or tag.',
  },
  REPOSITORY_INCOMPLETE: {
    status: 422,
    exit: 1,
    hint: 'Push what is missing, and let every worker read it (changesets.git.repositories).',
  },
  DISK_SPACE_LOW: { status: 507, exit: 1, hint: 'Free disk space on the host, or lower changeset.keepReleases.' },
  SECRET_MISSING: {
    status: 422,
    exit: 1,
    hint: "Check the name in the application's definition, and `secrets` in the settings of every worker of the cluster.",
  },
  SECRET_NOT_ALLOWED: {
    status: 403,
    exit: 4,
    hint: 'Ask who runs the workers to name the application below that secret in their settings (`applications`).',
  },
  SECRET_INVALID: {
    status: 422,
    exit: 1,
    hint: 'Store another value: 8 to 65,536 characters of text, one line of ASCII for a header, and no carriage return for an environment file.',
  },
  SECRET_UNAVAILABLE: {
    status: 502,
    exit: 1,
    hint: "Run the secret's command by hand, as the worker's user and in its environment.",
  },
  HOST_TOOL_MISSING: { status: 502, exit: 1, hint: 'Install the tool on the host.' },
  WORKER_TOOL_MISSING: { status: 502, exit: 1, hint: 'Install the tool on every worker of the cluster.' },
  RELEASE_CHANGED: {
    status: 409,
    exit: 1,
    hint: 'Find out who changed it: vesemir hosts. Then deploy the version that should run.',
  },
  ROLLBACK_UNAVAILABLE: { status: 409, exit: 1, hint: 'Deploy the version that should run instead.' },

  NOTIFICATION_REFUSED: {
    status: 502,
    exit: 1,
    hint: "Check the recipient under `notifications` in the worker's settings, then run its job again at /queues.",
  },
  NOTIFICATION_FAILED: {
    status: 502,
    exit: 1,
    hint: 'Check that the recipient is up. Vesemir sends it again by itself.',
  },

  COMMENT_FAILED: {
    status: 502,
    exit: 1,
    hint: 'Allow the job to comment: pull-requests: write in GitHub Actions, a GITLAB_TOKEN with the scope api in GitLab CI.',
  },

  TASK_FAILED: {
    status: 409,
    exit: 1,
    hint: 'Show its output: vesemir logs ID --task TASK. Fix the cause, then retry: tasks that are done do not run again.',
  },
  TASK_INTERRUPTED: {
    status: 409,
    exit: 1,
    hint: 'Find out what the task has done: vesemir logs ID --task TASK. When it is safe to run again: vesemir retry ID',
  },
  TASK_PROGRAM_UNKNOWN: {
    status: 422,
    exit: 2,
    hint: "Add the program to `tasks` of the cluster in the worker's settings, or name one that is there.",
  },
  TASK_PROGRAM_NOT_ALLOWED: {
    status: 403,
    exit: 4,
    hint: 'Ask who runs the workers to name the application below that program in their settings (`applications`).',
  },
  HOSTS_FAILED: {
    status: 409,
    exit: 1,
    hint: 'Show why: vesemir status ID. A failed host whose version was not changed is back in rotation; any other receives no traffic until a deployment succeeds on it.',
  },
  DEPLOYMENT_RUNS: { status: 409, exit: 5, hint: 'Wait for the other deployment, or queue this one: omit --no-wait.' },
  COMMAND_REFUSED: { status: 409, exit: 5, hint: 'Show the state of the deployment: vesemir status ID' },
  DEPLOYMENT_SUPERSEDED: {
    status: 409,
    exit: 5,
    hint: 'Deploy the version that should run. An admin can pass --force with --reason for hosts that still run a release of ID.',
  },
  GATE_REJECTED: { status: 409, exit: 1, hint: 'Restore the previous release: vesemir rollback ID' },
  GATE_TIMED_OUT: {
    status: 409,
    exit: 1,
    hint: 'Continue: vesemir retry ID. Restore the previous release: vesemir rollback ID',
  },
  ROLLED_BACK: { status: 409, exit: 8, hint: 'Show why: vesemir logs ID. Fix it, then deploy again.' },
  DEPLOYMENTS_LOCKED: {
    status: 423,
    exit: 5,
    hint: 'Wait until the application is unlocked, or ask an admin to deploy with --override.',
  },
  CANCELLED: { status: 409, exit: 3, hint: 'Deploy again when ready.' },
  LOCK_HELD: {
    status: 409,
    exit: 5,
    hint: 'Another deployment is changing the same servers. Wait for it: vesemir list',
  },
  LOCK_LOST: { status: 409, exit: 1, hint: 'Retry. Redis was unavailable or the worker was suspended for too long.' },
  FENCE_LOST: { status: 409, exit: 1, hint: 'Nothing to do: another worker has taken over.' },
  DEPLOYMENT_ENDED: { status: 409, exit: 5, hint: 'Deploy again.' },
} as const satisfies Record<string, { status: number; exit: number; hint: string }>

export type ErrorCode = keyof typeof errorTable

/** The one error class: a failure that the caller cannot repair, with its code and a sentence for people. */
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

/** Returns whether an error is a `VesemirError`, of one of the codes when some are given. */
export function isVesemirError(error: unknown, ...codes: ErrorCode[]): error is VesemirError {
  return error instanceof VesemirError && (codes.length === 0 || codes.includes(error.code))
}

/** Returns an error as the record keeps it. Any other than a `VesemirError` is a bug: `INTERNAL`. */
export function toFailure(error: unknown): { code: string; message: string; hint: string } {
  if (isVesemirError(error)) return { code: error.code, message: error.message, hint: errorTable[error.code].hint }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'INTERNAL', message, hint: errorTable.INTERNAL.hint }
}
