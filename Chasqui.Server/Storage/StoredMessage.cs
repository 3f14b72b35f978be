using Chasqui.Protocol.Json;

namespace Chasqui.Server.Storage;

/// <summary>A message of the log. It never changes.</summary>
/// <param name="message">The message.</param>
/// <param name="clientMessageId">Under which its sender sent it; only where it is not settled yet.</param>
/// <param name="position">Its place among the messages that are not settled yet.</param>
internal sealed class StoredMessage(Message message, string? clientMessageId = null, long position = 0)
{
    private bool _wasWritten;
    private byte[]? _json;

    public Message Message => message;

    public long Seq => message.Seq;

    public string? ClientMessageId => clientMessageId;

    public long Position => position;

    /// <summary>
    /// Writes it as it stands in a page of history. A message that is written again is kept in memory; its JSON is too from then
    /// on, since the members of a conversation ask for the same page.
    /// </summary>
    public void Write(Utf8JsonWriter json)
    {
        if (_wasWritten)
        {
            json.WriteRawValue(_json ??= Encode(), skipInputValidation: true);
            return;
        }

        MessageJson.Write(json, message);
        _wasWritten = true;
    }

    private byte[] Encode()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer, ChatJson.WriterOptions);
        MessageJson.Write(json, message);
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
