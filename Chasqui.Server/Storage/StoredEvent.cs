using Chasqui.Protocol.Json;

namespace Chasqui.Server.Storage;

/// <summary>An event of the log. The state of a message changes by another object.</summary>
/// <param name="committed">The event; a message as it is now.</param>
/// <param name="number">The messages up to it.</param>
/// <param name="clientMessageId">Under which the sender of a message sent it; only where it is not settled yet.</param>
/// <param name="position">The place of a message among those that are not settled yet; 0 for all others.</param>
internal sealed class StoredEvent(
    IConversationEvent committed, long number, string? clientMessageId = null, long position = 0)
{
    private bool _wasWritten;
    private byte[]? _json;

    public IConversationEvent Event => committed;

    public Message? Message { get; } = (committed as NewMessage)?.Message;

    public long Seq { get; } = committed.Seq;

    public long Number => number;

    public string? ClientMessageId => clientMessageId;

    public long Position => position;

    /// <summary>Of its text.</summary>
    public int Characters { get; } = CharactersOf(committed);

    public static int CharactersOf(IConversationEvent committed) => committed switch
    {
        NewMessage { Message.Content: var content } => content.Length,
        MessageEdited { Content: var content } => content.Length,
        _ => 0,
    };

    /// <summary>The same message in another state.</summary>
    public StoredEvent With(Message message) => new(new NewMessage { Message = message }, number, clientMessageId, position);

    /// <summary>
    /// Writes a message as it stands in a page of history. A message that is written again is kept in memory; its JSON is too
    /// from then on, since the members of a conversation ask for the same page.
    /// </summary>
    public void WriteMessage(Utf8JsonWriter json)
    {
        if (_wasWritten)
        {
            json.WriteRawValue(_json ??= Encode(), skipInputValidation: true);
            return;
        }

        MessageJson.Write(json, Message!);
        _wasWritten = true;
    }

    private byte[] Encode()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer, ChatJson.WriterOptions);
        MessageJson.Write(json, Message!);
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
