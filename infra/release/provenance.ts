import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What a release was built from, where and when. */
export interface Build {
  version: string
  /** The release's commit: exactly what is built. */
  commit: string
  /** Where the repository was cloned from; named where it is an address of the web, without a password. */
  remote: string
  /** The lock file, which pins each dependency by its hash. */
  lockFile: string
  startedAt: Date
  finishedAt: Date
  env: NodeJS.ProcessEnv
}

const payloadType = 'application/vnd.in-toto+json'

/**
 * Writes beside the artifacts of a release what they were built from, as an in-toto statement with SLSA provenance v1: as
 * `vesemir-VERSION.provenance.json`, or signed by the private key at `keyPath` (Ed25519, PEM), as a DSSE envelope in
 * `vesemir-VERSION.intoto.jsonl`. Returns the file's name.
 */
export async function writeProvenance(folder: string, build: Build, keyPath?: string): Promise<string> {
  const statement = { ...describeBuild(build), subject: await describeArtifacts(folder) }
  const name = `vesemir-${build.version}`
  const [file, content] =
    keyPath === undefined
      ? [`${name}.provenance.json`, JSON.stringify(statement, undefined, 2)]
      : [`${name}.intoto.jsonl`, JSON.stringify(seal(statement, createPrivateKey(await readFile(keyPath))))]
  await writeFile(join(folder, file), `${content}\n`)
  return file
}

async function describeArtifacts(folder: string) {
  const names = (await readdir(folder)).filter((name) => /\.(?:tgz|cdx\.json)$/.test(name)).toSorted()
  return Promise.all(
    names.map(async (name) => ({ name, digest: { sha256: sha256(await readFile(join(folder, name))) } })),
  )
}

// https://slsa.dev/spec/v1.0/provenance
function describeBuild({ version, commit, remote, lockFile, startedAt, finishedAt, env }: Build) {
  const uri = publicAddress(remote)
  const source = { ...(uri === undefined ? {} : { uri: `git+${uri}` }), digest: { gitCommit: commit } }
  return {
    _type: 'https://in-toto.io/Statement/v1',
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'urn:vesemir:release',
        externalParameters: { command: 'npm run release', version },
        internalParameters: { node: process.version },
        resolvedDependencies: [source, { name: 'pnpm-lock.yaml', digest: { sha256: sha256(lockFile) } }],
      },
      runDetails: {
        builder: { id: builderOf(env) },
        metadata: { startedOn: startedAt.toISOString(), finishedOn: finishedAt.toISOString() },
      },
    },
  }
}

function publicAddress(remote: string): string | undefined {
  const url = URL.parse(remote)
  if (url?.protocol !== 'https:') return undefined
  return Object.assign(url, { username: '', password: '' }).href
}

/** A job of CI is named by its address. Whoever releases on a machine of their own vouches for it themselves. */
function builderOf({
  GITHUB_ACTIONS,
  GITHUB_SERVER_URL,
  GITHUB_REPOSITORY,
  GITHUB_RUN_ID,
  CI_JOB_URL,
}: NodeJS.ProcessEnv) {
  if (GITHUB_ACTIONS === 'true') return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`
  return CI_JOB_URL ?? 'urn:vesemir:maintainer'
}

/** Signs a statement. https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md */
function seal(statement: object, key: KeyObject) {
  const payload = Buffer.from(JSON.stringify(statement))
  const signed = Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `), payload])
  const keyid = sha256(createPublicKey(key).export({ type: 'spki', format: 'der' }))
  const signatures = [{ keyid, sig: sign(null, signed, key).toString('base64') }]
  return { payloadType, payload: payload.toString('base64'), signatures }
}

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex')
}
