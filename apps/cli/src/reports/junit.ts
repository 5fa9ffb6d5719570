import type { DeploymentView, Failure, HostReason, HostRecord } from '@vesemir/contract'
import { findMissed, runningMs } from '@vesemir/core'
import { failedTask, fillHint, type HintNames } from '@vesemir/words'
import { plain } from '../render/paint.ts'
import { walkMs } from './walk-ms.ts'
import type { NothingBehind } from './write-reports.ts'

interface JunitOptions {
  nowMs: number
  /** The last lines that a host's steps have written. */
  outputOf: (host: string) => readonly string[]
}

/**
 * Describes a deployment as a report of JUnit, which CI systems show as tests: one case for each host, with the code of its failure as type.
 * A host that could not be reached is an error; one that was left out, or not reached in time, is skipped. What failed apart from hosts
 * is a case with the deployment's id.
 */
export function junitOf(view: DeploymentView, { nowMs, outputOf }: JunitOptions): string {
  const { deployment, hosts } = view
  const { application, version, environment } = deployment.spec
  const { state, createdAt, id } = deployment
  const place = `${application}.${environment}`
  const own = 'failure' in state && state.failure?.code !== 'HOSTS_FAILED' ? state.failure : undefined
  const cases = [
    ...(own ? [ownCase(own, { id, place, task: failedTask(deployment) })] : []),
    ...hosts.map((host) => hostCase(host, { id, place, output: outputOf(host.target.name) })),
    ...findMissed(deployment).map((missed) => missedCase(missed, place)),
  ]
  const endMs = 'endedAt' in state ? Date.parse(state.endedAt) : nowMs
  const name = `${application} ${version} to ${environment}`
  return reportOf(cases, { name, tookMs: runningMs(deployment, endMs), timestamp: createdAt })
}

/** Describes in the same form what hosts said where none is deployed to: one case, which passed, and those that were missed. */
export function junitOfNothing({ application, environment, version, only }: NothingBehind): string {
  const place = `${application}.${environment}`
  const asked = element('testcase', { name: `hosts that are behind ${version}`, classname: place }, '')
  const cases = [
    { kind: 'passed' as const, xml: asked },
    ...findMissed(only).map((missed) => missedCase(missed, place)),
  ]
  return reportOf(cases, { name: `${application} ${version} to ${environment}`, tookMs: 0 })
}

function reportOf(
  cases: readonly { kind: Verdict['kind']; xml: string }[],
  { name, tookMs, timestamp }: { name: string; tookMs: number; timestamp?: string },
): string {
  const number = (kind: Verdict['kind']) => cases.filter((known) => known.kind === kind).length
  const totals = {
    name,
    tests: String(cases.length),
    failures: String(number('failure')),
    errors: String(number('error')),
    skipped: String(number('skipped')),
    time: seconds(tookMs),
  }
  const own = timestamp === undefined ? totals : { ...totals, timestamp }
  const suite = element('testsuite', own, cases.map(({ xml }) => xml).join(''))
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', totals, suite)}`
}

/** How a case ended. */
interface Verdict {
  kind: 'passed' | 'failure' | 'error' | 'skipped'
  failure?: Failure | undefined
}

interface Case {
  id: string
  place: string
  output: readonly string[]
}

function ownCase(failure: Failure, { place, ...names }: HintNames & Pick<Case, 'id' | 'place'>) {
  const xml = element('testcase', { name: names.id, classname: place }, verdictXml({ kind: 'failure', failure }, names))
  return { kind: 'failure' as const, xml }
}

function hostCase(host: HostRecord, { id, place, output }: Case) {
  const { name } = host.target
  const tookMs = walkMs(host)
  const verdict = verdictOf(host.state)
  const written = output.length === 0 ? '' : element('system-out', {}, escape(output.join('\n')))
  const attributes = { name, classname: place, ...(tookMs === undefined ? {} : { time: seconds(tookMs) }) }
  return { ...verdict, xml: element('testcase', attributes, `${verdictXml(verdict, { id, host: name })}${written}`) }
}

/** A host that was left out, and may not run what it should. */
function missedCase({ host, why }: HostReason, place: string) {
  const skipped = element('skipped', { message: why }, '')
  return { kind: 'skipped' as const, xml: element('testcase', { name: host, classname: place }, skipped) }
}

function verdictOf(state: HostRecord['state']): Verdict {
  switch (state.status) {
    case 'succeeded':
      return { kind: 'passed' }
    case 'failed':
      return { kind: 'failure', failure: state.failure }
    case 'unreachable':
      return { kind: 'error', failure: state.failure }
    case 'rolled-back':
      return { kind: 'failure', failure: state.failure ?? { code: 'ROLLED_BACK', message: 'rolled back' } }
    case 'skipped':
      return { kind: 'skipped', failure: state.failure }
    case 'pending':
    case 'running':
      return { kind: 'skipped' }
  }
}

function verdictXml({ kind, failure }: Verdict, names: HintNames): string {
  if (kind === 'passed') return ''
  if (!failure) return element(kind, {}, '')
  const { code, message, hint, log = [] } = failure
  const told = [...(hint === undefined ? [] : [fillHint(hint, names)]), ...log]
  // A skipped case has a message alone.
  return kind === 'skipped'
    ? element(kind, { message: `${message} (${code})` }, '')
    : element(kind, { type: code, message }, escape(told.join('\n')))
}

function element(name: string, attributes: Record<string, string>, content: string): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(value)}"`)
  return `<${name}${given.join('')}>${content}</${name}>\n`
}

/** XML 1.0 has no way to say most control characters. */
function escape(text: string): string {
  return text
    .split('\n')
    .map((line) => plain(line).replaceAll(/[\ud800-\udfff\ufffe\uffff]/gu, '\ufffd'))
    .join('\n')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}
