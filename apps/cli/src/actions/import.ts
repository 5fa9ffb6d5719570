import { planImport, VesemirError, type ImportItem, type ImportOutcome } from '@vesemir/core'
import { count, quiet, toned, type Text } from '@vesemir/words'
import { exitCodes } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import { table } from '../render/table.ts'
import type { Session } from '../session.ts'
import { readExport } from '../transfer/read-export.ts'
import { refuseUnlessAdmin } from '../transfer/refuse-unless-admin.ts'

/**
 * Imports what another installation has exported, after checking all of the file: what is new is written, what is the same or in
 * conflict is left as it is here. It can be repeated, after an interruption too.
 */
export async function importAll(
  file: string,
  { plan: isPlan = false, session }: { plan?: boolean | undefined; session: Session },
): Promise<number> {
  const { client, json, write, print, notify } = session
  const exported = await readExport(file)
  await refuseUnlessAdmin(session, 'import')
  const [{ applications }, { locks }, { grants }] = await Promise.all([
    client.listApplications(),
    client.listLocks(),
    client.listGrants(),
  ])
  const items = planImport(exported, { applications, locks, grants })
  if (!json) planLines(items).forEach(print)
  const news = items.filter(({ outcome }) => outcome === 'new')
  if (!isPlan) for (const item of news) await put(item, session)
  if (json) write(jsonDocument({ items: items.map(shown), imported: isPlan ? 0 : news.length }))
  else
    notify([
      isPlan ? `${count(news.length, 'new item')}: nothing was imported` : `${count(news.length, 'item')} imported`,
    ])
  return items.every(({ outcome }) => outcome === 'new' || outcome === 'same')
    ? exitCodes.succeeded
    : exitCodes.incomplete
}

const tones = {
  new: 'good',
  same: 'idle',
  conflict: 'bad',
  'by hand': 'waiting',
} as const satisfies Record<ImportOutcome, string>

const consequences: Record<ImportOutcome, string> = {
  new: '',
  same: '',
  conflict: 'stays as it is here; differs in ',
  'by hand': "add it to grants in the API's settings",
}

function planLines(items: readonly ImportItem[]): Text[] {
  return table(
    ['outcome', 'what', 'name', ''],
    items.map(({ kind, name, outcome, differs }) => [
      [toned(outcome, tones[outcome])],
      [kind],
      [name],
      [quiet(consequences[outcome] + differs.join(', '))],
    ]),
  )
}

function shown({ kind, name, outcome, differs }: ImportItem) {
  return { kind, name, outcome, ...(differs.length > 0 ? { differs } : {}) }
}

/** Writes what is new. Somebody may have made one like it since the plan: that is not replaced either. */
async function put(item: ImportItem, { client }: Session): Promise<void> {
  switch (item.kind) {
    case 'application': {
      const { applications } = await client.listApplications()
      if (applications.some(({ name }) => name === item.name)) throw appeared(`application ${item.name}`)
      await client.putApplication(item.definition)
      return
    }
    case 'lock': {
      const { application, environment, reason } = item.lock
      const { locks } = await client.listLocks()
      if (locks.some((lock) => lock.application === application && lock.environment === environment))
        throw appeared(`a lock of ${item.name}`)
      await client.putLock({ application, environment }, reason)
      return
    }
    case 'grant':
  }
}

function appeared(what: string): VesemirError {
  return new VesemirError('REQUEST_INVALID', `${what} was made here since the plan: import again`)
}
