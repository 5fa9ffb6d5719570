import type { Notice } from '@vesemir/contract'
import { describeEnd, describeStart } from './events.ts'
import { describeGate, type ReaderOptions } from './gate.ts'
import type { Text } from './text.ts'

/** Describes a notice by the sentence of its event. */
export function describeNotice(notice: Notice, reader: ReaderOptions = {}): Text {
  switch (notice.event) {
    case 'started':
      return describeStart(notice)
    case 'gated':
      return describeGate(notice.gate, { at: notice.at, ...reader })
    case 'ended':
      return describeEnd(notice)
  }
}
