using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Chasqui.Tests.Checker;

/// <summary>
/// What the checker's clients say. A content follows from its key alone, so that a record can hold keys instead of
/// texts and still be compared byte for byte.
/// </summary>
internal static class Contents
{
    private static readonly string[] Tails =
    [
        " hola", " what does \"durable\" mean?", " a\\b\tc", " ¿Qué tal? Ñandú", " 日本語のメッセージ", " 🦙🦙",
        " " + new string('x', 60), " " + new string('y', 120), " line one\nline two", " {\"type\":\"Ack\",\"seq\":1}", " .",
        " " + string.Concat(Enumerable.Repeat("chasqui ", 25)),
    ];

    private static readonly byte[][] Raw = [.. Tails.Select(Encoding.UTF8.GetBytes)];

    private static readonly byte[][] Escaped = [.. Tails.Select(Escape)];

    public static string Of(MessageKey key) => Id(key) + Tails[key.Number % Tails.Length];

    /// <summary>The <c>client_message_id</c>.</summary>
    public static string Id(MessageKey key) => string.Create(CultureInfo.InvariantCulture, $"{key.Sender}-{key.Number}");

    /// <summary>Writes the content as it stands between quotes in JSON.</summary>
    public static int WriteEscaped(MessageKey key, Span<byte> destination)
    {
        var written = WriteId(key, destination);
        var tail = Escaped[key.Number % Escaped.Length];
        tail.CopyTo(destination[written..]);
        return written + tail.Length;
    }

    public static int WriteId(MessageKey key, Span<byte> destination)
    {
        Utf8Formatter.TryFormat(key.Sender, destination, out var sender);
        destination[sender++] = (byte)'-';
        Utf8Formatter.TryFormat(key.Number, destination[sender..], out var number);
        return sender + number;
    }

    /// <returns>The key whose content this is, to the last byte; <see cref="MessageKey.Unknown"/> for any other text.</returns>
    public static MessageKey KeyOf(ReadOnlySpan<byte> content) =>
        Utf8Parser.TryParse(content, out int sender, out var length)
        && length < content.Length && content[length] == '-'
        && Utf8Parser.TryParse(content[(length + 1)..], out int number, out var digits)
        && number >= 0
        && content[(length + 1 + digits)..].SequenceEqual(Raw[number % Raw.Length])
            ? new MessageKey(sender, number)
            : MessageKey.Unknown;

    private static byte[] Escape(string text) =>
        JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes.ToArray();
}
