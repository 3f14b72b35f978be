/** Whether a text holds `@Name`, in any case and with no letter after it. Names consist of letters and their marks. */
export const mentions = (text, name) => new RegExp(`@${folded(name)}(?![\\p{L}\\p{M}])`, "u").test(folded(text));

const folded = text => text.normalize("NFKC").toUpperCase().toLowerCase();
