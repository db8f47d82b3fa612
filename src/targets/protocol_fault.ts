/**
 * What is wrong with what a target says.
 *
 * @module
 */

/** A line that breaks the protocol. */
export class ProtocolFault extends Error {
  /** Always "ProtocolFault". */
  override readonly name = "ProtocolFault";

  /**
   * Builds the message from its parts.
   *
   * @param found what was found, with its place
   * @param wanted what was wanted
   */
  constructor(readonly found: string, readonly wanted: string, options?: ErrorOptions) {
    super(`Cannot read an answer: found ${found}, wanted ${wanted}`, options);
  }
}
