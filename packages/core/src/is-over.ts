/**
 * The reason for aborting what nobody waits for any more. Without one, each abort makes an error of its own, with a stack, which
 * takes longer than all else that it does.
 */
export const isOver = new Error('it is over')
