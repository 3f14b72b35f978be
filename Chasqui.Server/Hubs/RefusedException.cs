using Chasqui.Protocol;

namespace Chasqui.Server.Hubs;

/// <summary>A hub method refuses; <see cref="RefusalFilter"/> tells the client.</summary>
internal sealed class RefusedException(Error error) : Exception(error.Message)
{
    public Error Error { get; } = error;
}
