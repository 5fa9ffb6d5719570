import { DeploymentView, type EventPage } from '@vesemir/contract'
import { isVesemirError, type Deployments, type EventLog } from '@vesemir/core'
import type { Archive } from '@vesemir/store/archive'

interface Shown {
  deployments: Deployments
  eventLog: EventLog
}

const eventsAtOnce = 1000

/** Returns the records, and reads from the archive what they no longer have. */
export function withArchive<Records extends Shown>({
  records,
  archive,
}: {
  records: Records
  archive?: Archive | undefined
}): Records & { archive?: Archive | undefined } {
  if (!archive) return records
  const { deployments, eventLog } = records
  const readViewJson = async (id: string) => (await deployments.readViewJson(id)) ?? archive.readViewJson(id)
  return {
    ...records,
    archive,
    deployments: {
      ...deployments,
      read: async (id: string) => (await deployments.read(id)) ?? archive.read(id),
      async readView(id: string) {
        const json = (await readViewJson(id))?.toString()
        return json === undefined ? undefined : DeploymentView.parse(JSON.parse(json))
      },
      readViewJson,
    },
    eventLog: {
      read: (id, page) => orArchived(eventLog.read(id, page), () => archive.readEvents(id, page)),
      follow: (id, options) => followWithArchive(id, { ...options, eventLog, archive }),
    } satisfies EventLog,
  }
}

/** A deployment may be archived while somebody follows it. */
async function* followWithArchive(
  id: string,
  { eventLog, archive, ...options }: Parameters<EventLog['follow']>[1] & { eventLog: EventLog; archive: Archive },
): AsyncGenerator<EventPage, void> {
  let { after } = options
  try {
    for await (const page of eventLog.follow(id, options)) {
      after = page.next
      yield page
    }
  } catch (error) {
    const readNext = () => archive.readEvents(id, { after, limit: eventsAtOnce })
    for (let page = await orArchived(Promise.reject(error), readNext); ; page = (await readNext())!) {
      after = page.next
      yield page
      if (page.ended) return
    }
  }
}

/** Returns what the archive has where the record has nothing. */
async function orArchived(
  reading: Promise<EventPage>,
  readArchived: () => Promise<EventPage | undefined>,
): Promise<EventPage> {
  try {
    return await reading
  } catch (error) {
    if (!isVesemirError(error, 'DEPLOYMENT_REMOVED', 'DEPLOYMENT_LOST', 'DEPLOYMENT_UNKNOWN')) throw error
    const page = await readArchived()
    if (page) return page
    throw error
  }
}
