import type { Notice } from '@vesemir/contract'

/** Slack shows no more than 40,000 characters; nobody reads as many in a channel. */
const mostCharacters = 1000

/** Tells a notice in one or two lines, in Slack's mrkdwn. */
export function describeNotice(notice: Notice): string {
  const { id, application, version, environment, requestedBy, reason, url } = notice.deployment
  const why = reason === undefined ? '' : `: ${escape(reason)}`
  const subject = `*${escape(application)} ${escape(version)}* to ${escape(environment)}`
  const asked = `${id}, asked for by ${escape(requestedBy)}${why}`
  const more = url === undefined ? `\`vesemir status ${id}\`` : `<${escape(url)}|open it>`
  return `${subject} ${escape(describeEvent(notice))}\n${asked} · ${more}`
}

function describeEvent(notice: Notice): string {
  switch (notice.event) {
    case 'started':
      return `has started: ${count(notice.hosts, 'host')}, ${count(notice.waves, 'wave')}`
    case 'gated':
      return describeGate(notice.gate)
    case 'ended': {
      const more = notice.failure?.message ?? notice.note
      return `has ended: ${notice.outcome.replace('-', ' ')}${more === undefined ? '' : ` (${shorten(more)})`}`
    }
  }
}

function describeGate(gate: Extract<Notice, { event: 'gated' }>['gate']): string {
  switch (gate.kind) {
    case 'approval':
      return `waits for approval after wave ${gate.afterWave}, until ${gate.until}`
    case 'pause':
      return `pauses after wave ${gate.afterWave}, until ${gate.until}`
    case 'failure':
      return `asks what to do about ${shorten(gate.hosts.join(', '))}: without an answer by ${gate.until}, ${gate.otherwise}`
  }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

function shorten(text: string): string {
  return text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters)}…`
}

/** These three have a meaning to Slack, mentions of a whole channel among them; all else it shows as it is. */
function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
