import { DeploymentId, type ArchiveFilter, type Deployment } from '@vesemir/contract'

/** What the name of an archived deployment tells. */
export interface ArchiveName {
  name: string
  id: string
  application: string
  environment: string
  team: string
  status: string
}

/** No name of an application, environment or team has one. */
const separator = '~'

/**
 * Returns the name of a deployment in the archive, `2026-11/20261129T211623123Z~d-42~payments~production~core~failed.jsonl`: sorted, the
 * names are in the order in which deployments were created.
 */
export function archiveNameOf(deployment: Deployment): string {
  const { application, environment, team } = deployment.spec
  return `${archivePrefixOf(deployment)}${[application, environment, team, deployment.state.status].join(separator)}${suffix}`
}

/** Returns what all names of a deployment start with: what it has ended as can change by a retry. */
export function archivePrefixOf({ id, createdAt }: Pick<Deployment, 'id' | 'createdAt'>): string {
  return `${createdAt.slice(0, 'YYYY-MM'.length)}/${createdAt.replaceAll(/[-:.]/g, '')}${separator}${id}${separator}`
}

const suffix = '.jsonl'

/** Reads a name; undefined where it is not that of a deployment. */
export function parseArchiveName(name: string): ArchiveName | undefined {
  const [file = ''] = name.split('/').slice(-1)
  const [, id, application, environment, team, status, ...rest] = file.slice(0, -suffix.length).split(separator)
  if (!file.endsWith(suffix) || status === undefined || rest.length > 0) return undefined
  if (!DeploymentId.safeParse(id).success) return undefined
  return { name, id: id!, application: application!, environment: environment!, team: team!, status }
}

/** Returns whether a filter lets pass what the name tells. */
export function fitsName(named: ArchiveName, { before, ...wanted }: ArchiveFilter): boolean {
  if (before !== undefined && numberOf(named.id) >= numberOf(before)) return false
  return (['application', 'environment', 'team', 'status'] as const).every(
    (field) => wanted[field] === undefined || wanted[field] === named[field],
  )
}

function numberOf(id: string): number {
  return Number(id.slice('d-'.length))
}
