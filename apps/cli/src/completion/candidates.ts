import type { Argument, Command, Option } from 'commander'

export interface Candidate {
  value: string
  description: string
}

/** What only the API knows. */
export type Lookup = 'deployment' | 'application' | 'environment'

interface CommandPosition {
  command: Command
  /** How many arguments of the command stand before the last word. */
  position: number
  /** The option whose value the last word is. */
  option?: Option
}

/** Finds what can stand in place of the last word of an unfinished command line, whatever the word begins with. */
export async function findCandidates(
  program: Command,
  { words, lookUp }: { words: readonly string[]; lookUp: (what: Lookup) => Promise<Candidate[]> },
): Promise<Candidate[]> {
  const { command, position, option } = findPosition(program, words.slice(0, -1))
  if (option) return valuesOf(option, { what: optionLookups[option.attributeName()], lookUp })
  if (words.at(-1)?.startsWith('-')) return optionsOf(command)
  if (command.commands.length > 0) return position === 0 ? commandsOf(command) : []
  const argument = command.registeredArguments[position] ?? command.registeredArguments.find(({ variadic }) => variadic)
  return argument ? valuesOf(argument, { what: argumentLookups[argument.name()], lookUp }) : []
}

const optionLookups: Record<string, Lookup> = {
  application: 'application',
  environment: 'environment',
  before: 'deployment',
}
const argumentLookups: Record<string, Lookup> = { application: 'application', id: 'deployment' }

/** Reads the words before the last one as commander would. */
function findPosition(program: Command, words: readonly string[]): CommandPosition {
  let [command, position] = [program, 0]
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index]!
    if (word.startsWith('-')) {
      const option = allOptions(command).find(({ short, long }) => word === short || word === long)
      if (!option || option.isBoolean() || option.negate) continue
      index += 1
      if (index === words.length) return { command, position, option }
      continue
    }
    const inner = command.commands.find((known) => known.name() === word || known.aliases().includes(word))
    if (inner) [command, position] = [inner, 0]
    else position += 1
  }
  return { command, position }
}

/** Options of a command and of those that it is part of. */
function allOptions(command: Command): Option[] {
  return [...command.options, ...(command.parent ? allOptions(command.parent) : [])]
}

function optionsOf(command: Command): Candidate[] {
  return allOptions(command)
    .filter(({ hidden }) => !hidden)
    .flatMap(({ long, description }) => (long == null ? [] : [{ value: long, description }]))
}

function commandsOf(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((inner) => ({ value: inner.name(), description: inner.description() }))
}

async function valuesOf(
  { argChoices }: Option | Argument,
  { what, lookUp }: { what: Lookup | undefined; lookUp: (what: Lookup) => Promise<Candidate[]> },
): Promise<Candidate[]> {
  if (argChoices) return argChoices.map((value) => ({ value, description: '' }))
  return what ? lookUp(what) : []
}
