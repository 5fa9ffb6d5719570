import { unknownApplication, type ApplicationEnvironment } from '@vesemir/core'
import { badgeLink, describeBadgeReaders } from '@vesemir/words'
import { exitCodes } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import type { Session } from '../session.ts'

/**
 * Prints where the badge of an environment is, and the Markdown that shows it.
 * @throws {VesemirError} `APPLICATION_UNKNOWN` where the caller sees no such environment: there is no badge for it either
 */
export async function showBadge(place: ApplicationEnvironment, session: Session): Promise<number> {
  const { client, url, json, write, notify } = session
  const { application, environment } = place
  const { places } = await client.getOverview()
  const isHere = places.some((each) => each.application === application && each.environment === environment)
  if (!isHere) throw unknownApplication(application, environment)
  const link = badgeLink(place, url)
  if (json) {
    write(jsonDocument(link))
    return exitCodes.succeeded
  }
  write(`${link.url}\n${link.markdown}\n`)
  notify([describeBadgeReaders(place)])
  notify([`To show it to everyone, publish a copy: ${url.replace(/\/$/, '')}/help/how-to/badge`])
  return exitCodes.succeeded
}
