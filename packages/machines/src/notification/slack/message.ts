import type { Notice } from '@vesemir/contract'
import { describeNotice, describeRequester, toPlainText } from '@vesemir/words'

/** Slack shows no more than 40,000 characters; nobody reads as many in a channel. */
const mostCharacters = 1000

/** Formats a notice in two lines of Slack's mrkdwn: what happened where, and whose deployment it is. */
export function toMessage(notice: Notice): string {
  const { id, application, version, environment, reason, url } = notice.deployment
  const subject = `*${escape(application)} ${escape(version)}* to ${escape(environment)}`
  // The zone of whoever reads the channel is not known.
  const sentence = escape(shorten(toPlainText(describeNotice(notice, { timeZone: 'UTC' }))))
  const why = reason === undefined ? '' : `: ${escape(reason)}`
  const more = url === undefined ? `\`vesemir status ${id}\`` : `<${escape(url)}|open it>`
  return `${subject} · ${sentence}\n${id}, requested by ${escape(describeRequester(notice.deployment))}${why} · ${more}`
}

function shorten(text: string): string {
  return text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters)}…`
}

/** These three have a meaning to Slack, mentions of a whole channel among them; all else it shows as it is. */
function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
