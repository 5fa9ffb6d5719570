import type { ApplicationDefinition, ApplicationLock, HeldGrant } from '@vesemir/contract'
import { describeChanges } from '../describe-changes.ts'
import { isSameJson } from '../is-same-json.ts'

/** What can be brought from one installation to another. */
export interface Transferred {
  applications: readonly ApplicationDefinition[]
  locks: readonly ApplicationLock[]
  grants: readonly HeldGrant[]
}

/**
 * What an import does about one thing.
 *
 * new: it is written · same: it is here already · conflict: it is here and otherwise, and stays as it is here · by hand: a person adds it to
 * the API's settings, which no request changes
 */
export type ImportOutcome = 'new' | 'same' | 'conflict' | 'by hand'

export type ImportItem = { name: string; outcome: ImportOutcome; differs: string[] } & (
  | { kind: 'application'; definition: ApplicationDefinition }
  | { kind: 'lock'; lock: ApplicationLock }
  | { kind: 'grant'; grant: HeldGrant }
)

/** Compares what was exported with what is here. Nothing that is here is ever replaced. */
export function planImport(exported: Transferred, here: Transferred): ImportItem[] {
  return [
    ...exported.applications.map((definition) => planApplication(definition, here)),
    ...exported.locks.map((lock) => planLock(lock, here)),
    ...exported.grants.map((grant) => planGrant(grant, here)),
  ]
}

function planApplication(definition: ApplicationDefinition, { applications }: Transferred): ImportItem {
  const { name } = definition
  const kept = applications.find((application) => application.name === name)
  const differs = kept && !isSameJson(kept, definition) ? fieldsOf(describeChanges(kept, definition)) : []
  return { kind: 'application', name, definition, differs, outcome: outcomeOf(kept, differs) }
}

/** An environment without settings of its own has no field to name. */
function fieldsOf({ before, after }: ReturnType<typeof describeChanges>): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted()
  return names.length > 0 ? names : ['environments']
}

/** Who locked and when is noted anew by an import: the reason tells two locks apart. */
function planLock(lock: ApplicationLock, { locks }: Transferred): ImportItem {
  const { application, environment, reason } = lock
  const kept = locks.find((other) => other.application === application && other.environment === environment)
  const differs = kept && kept.reason !== reason ? ['reason'] : []
  return { kind: 'lock', name: `${application} in ${environment}`, lock, differs, outcome: outcomeOf(kept, differs) }
}

function planGrant(grant: HeldGrant, { grants }: Transferred): ImportItem {
  const outcome = grants.some((other) => isSameJson(other, grant)) ? 'same' : 'by hand'
  return { kind: 'grant', name: grant.who, grant, differs: [], outcome }
}

function outcomeOf(kept: object | undefined, differs: readonly string[]): ImportOutcome {
  if (!kept) return 'new'
  return differs.length > 0 ? 'conflict' : 'same'
}
