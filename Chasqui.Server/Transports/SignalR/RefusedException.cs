namespace Chasqui.Server.Transports.SignalR;

/// <summary>A hub method refuses; <see cref="RefusalFilter"/> answers the client.</summary>
internal sealed class RefusedException(Error error) : Exception(error.Message)
{
    public Error Error { get; } = error;

    public static void ThrowIf(Error? refusal)
    {
        if (refusal is not null)
        {
            throw new RefusedException(refusal);
        }
    }
}
