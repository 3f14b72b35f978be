/** Whether nothing of a text can be seen; the server refuses it as `content_blank`. */
export const isBlank = text => !/[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u.test(text);
