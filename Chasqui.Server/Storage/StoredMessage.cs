using Chasqui.Protocol.Json;

namespace Chasqui.Server.Storage;

/// <summary>A message of the log. It never changes.</summary>
/// <param name="message">The message.</param>
/// <param name="clientMessageId">Under which its sender sent it; only where it is not settled yet.</param>
/// <param name="position">Its place among the messages that are not settled yet; 0 for another one.</param>
internal sealed class StoredMessage(Message message, string? clientMessageId = null, long position = 0)
{
    private byte[]? _json;

    public Message Message => message;

    public long Seq => message.Seq;

    public string? ClientMessageId => clientMessageId;

    public long Position => position;

    /// <summary>As it stands in a page of history. Written once: the members of a conversation ask for the same page.</summary>
    public byte[] Json => _json ??= Encode();

    private byte[] Encode()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer, ChatJson.WriterOptions);
        MessageJson.Write(json, message);
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
