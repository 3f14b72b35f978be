namespace Chasqui.Tests.Checker;

/// <summary>One message from its sender's side: what was tried, and what became of it.</summary>
internal sealed class Send(MessageKey key, int place)
{
    public MessageKey Key => key;

    /// <summary>Which of the sender's conversations it goes to.</summary>
    public int Place => place;

    public int Attempts { get; set; }

    /// <summary>
    /// Whether an attempt was refused with something that passes, so that later messages may have overtaken it. A lost
    /// connection is no excuse: what came before it on the connection was stored before it.
    /// </summary>
    public bool Overtakable { get; set; }

    public bool IsAcked { get; set; }

    public long Seq { get; set; }

    public Guid Id { get; set; }

    public Send Copy() => (Send)MemberwiseClone();
}
