/** On-screen keyboards take at least this much of the window, in pixels. */
const keyboardHeight = 150;

/**
 * Whether a key belongs to a composition (Chinese, Japanese, Korean, dead keys). Safari ends the composition before the `keydown`
 * of the Enter that confirms it: only the key code 229 is left.
 */
export const isComposing = event => event.isComposing || event.keyCode === 229;

/**
 * Whether a key was pressed on a keyboard of hardware. On-screen keys have no `code` (Android: empty, iOS: "Unidentified"). An
 * on-screen keyboard that covers a part of the page (iOS) is in use, also where `code` has a value.
 */
export const isHardwareKey = event => event.code !== "" && event.code !== "Unidentified" && !isCovered();

const isCovered = () => visualViewport && visualViewport.scale === 1 && visualViewport.height < innerHeight - keyboardHeight;
